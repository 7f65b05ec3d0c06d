package dev.quire.backup.socket;

/**
 * Why it does not go on.
 *
 * <pre>
 *   0        4      8            12                        bytes
 *  +--------+------+------------+---- - - ---+--- - - ---+
 *  | number | kind | file bytes |  file      |  text     |   UTF-8
 *  +--------+------+------------+---- - - ---+--- - - ---+
 * </pre>
 */
final class FailureLayout {

    /** Of the error, below 0. */
    static final int NUMBER_OFFSET = 0;

    /** What can be done about it, which decides the class of the exception. */
    static final int KIND_OFFSET = NUMBER_OFFSET + Integer.BYTES;

    /** 0 if it concerns no file. */
    static final int FILE_BYTES_OFFSET = KIND_OFFSET + Integer.BYTES;

    static final int FILE_OFFSET = FILE_BYTES_OFFSET + Integer.BYTES;

    static final int KIND_OTHER = 0;
    static final int KIND_CANCELLED = 1;
    static final int KIND_CORRUPTION = 2;
    static final int KIND_IN_USE = 3;
    static final int KIND_LIMIT = 4;
    static final int KIND_NOT_FOUND = 5;
    static final int KIND_STORAGE_FAULT = 6;
    static final int KIND_STORAGE_FULL = 7;
    static final int KIND_UNAVAILABLE = 8;

    private FailureLayout() {}
}
