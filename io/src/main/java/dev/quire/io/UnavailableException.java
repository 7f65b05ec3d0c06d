package dev.quire.io;

import java.nio.file.Path;

/** The instance cannot do this any more, or not now: stopped, closing, or poisoned by an earlier fault. */
public class UnavailableException extends QuireException {

    private static final long serialVersionUID = 1L;

    /** {@code file} and {@code cause} may be null. */
    public UnavailableException(QuireError error, Path file, String message, Throwable cause) {
        super(error, file, message, cause);
    }
}
