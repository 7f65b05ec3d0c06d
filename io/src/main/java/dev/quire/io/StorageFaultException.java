package dev.quire.io;

import java.nio.file.Path;

/** The disk failed to read, write or force. */
public class StorageFaultException extends QuireException {

    private static final long serialVersionUID = 1L;

    /** {@code file} and {@code cause} may be null. */
    public StorageFaultException(QuireError error, Path file, String message, Throwable cause) {
        super(error, file, message, cause);
    }
}
