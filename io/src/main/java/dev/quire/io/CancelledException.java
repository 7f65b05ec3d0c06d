package dev.quire.io;

import java.nio.file.Path;

/** The operation was cancelled; nothing of it remains. */
public class CancelledException extends QuireException {

    private static final long serialVersionUID = 1L;

    /** {@code file} and {@code cause} may be null. */
    public CancelledException(QuireError error, Path file, String message, Throwable cause) {
        super(error, file, message, cause);
    }
}
