package dev.quire.io;

import java.nio.file.Path;

/** A stated limit was reached: memory budget, transaction size, key length, number of databases. */
public class LimitException extends QuireException {

    private static final long serialVersionUID = 1L;

    /** {@code file} and {@code cause} may be null. */
    public LimitException(QuireError error, Path file, String message, Throwable cause) {
        super(error, file, message, cause);
    }
}
