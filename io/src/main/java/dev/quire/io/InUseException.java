package dev.quire.io;

import java.nio.file.Path;

/** Somebody else holds what was asked for, or it is still in use. */
public class InUseException extends QuireException {

    private static final long serialVersionUID = 1L;

    /** {@code file} and {@code cause} may be null. */
    public InUseException(QuireError error, Path file, String message, Throwable cause) {
        super(error, file, message, cause);
    }
}
