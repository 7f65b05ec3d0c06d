package dev.quire.io;

import java.nio.file.Path;

/** No room. Nothing was acknowledged that is not durable, and the operation left nothing behind. */
public class StorageFullException extends QuireException {

    private static final long serialVersionUID = 1L;

    /** {@code file} and {@code cause} may be null. */
    public StorageFullException(QuireError error, Path file, String message, Throwable cause) {
        super(error, file, message, cause);
    }
}
