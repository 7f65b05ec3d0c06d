package dev.quire.io;

import java.nio.file.Path;

/** Bytes are not what was written: the message names the place, what was expected and what was found. */
public class CorruptionException extends QuireException {

    private static final long serialVersionUID = 1L;

    /** {@code file} and {@code cause} may be null. */
    public CorruptionException(QuireError error, Path file, String message, Throwable cause) {
        super(error, file, message, cause);
    }
}
