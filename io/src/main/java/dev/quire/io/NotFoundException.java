package dev.quire.io;

import java.nio.file.Path;

/** What was asked for is not there. */
public class NotFoundException extends QuireException {

    private static final long serialVersionUID = 1L;

    /** {@code file} and {@code cause} may be null. */
    public NotFoundException(QuireError error, Path file, String message, Throwable cause) {
        super(error, file, message, cause);
    }
}
