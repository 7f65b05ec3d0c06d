package dev.quire.io;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the world did to us, or what we refuse: carries the error with its number and, where there is one, the file and
 * the position. Subclasses group errors by what a caller can do about them. Misuse that only a change of the program
 * can mend is {@link IllegalArgumentException} or {@link IllegalStateException} instead.
 */
public class QuireException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final QuireError error;
    private final transient Path file;

    /** An error that concerns no file. */
    public QuireException(QuireError error, String message) {
        this(error, null, message, null);
    }

    /** An error at a file; {@code file} and {@code cause} may be null. */
    public QuireException(QuireError error, Path file, String message, Throwable cause) {
        super(message + " [" + error + ' ' + error.number() + ']' + (file == null ? "" : " " + file), cause);
        this.error = error;
        this.file = file;
    }

    /** Which error. */
    public QuireError error() {
        return error;
    }

    /** The file concerned. */
    public Optional<Path> file() {
        return Optional.ofNullable(file);
    }
}
