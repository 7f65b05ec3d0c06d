package dev.quire.backup.socket;

import dev.quire.durable.BackupKind;

/**
 * What is asked for.
 *
 * <pre>
 *   0      4             8                        bytes
 *  +------+-------------+---- - - ---+--- - - ---+
 *  | kind | label bytes |  label     |  place    |   UTF-8; the place is for messages
 *  +------+-------------+---- - - ---+--- - - ---+
 * </pre>
 */
final class BeginLayout {

    static final int KIND_OFFSET = 0;
    static final int LABEL_BYTES_OFFSET = KIND_OFFSET + Integer.BYTES;
    static final int LABEL_OFFSET = LABEL_BYTES_OFFSET + Integer.BYTES;

    static final int KIND_FULL = 1;
    static final int KIND_INCREMENTAL = 2;
    static final int KIND_DIFFERENTIAL = 3;
    static final int KIND_COPY = 4;

    private BeginLayout() {}

    static int code(BackupKind kind) {
        return switch (kind) {
            case FULL -> KIND_FULL;
            case INCREMENTAL -> KIND_INCREMENTAL;
            case DIFFERENTIAL -> KIND_DIFFERENTIAL;
            case COPY -> KIND_COPY;
            case TRUNCATE_ONLY -> throw new IllegalArgumentException("kind=" + kind.word());
        };
    }

    /** The kind of that code, or null. */
    static BackupKind kind(int code) {
        return switch (code) {
            case KIND_FULL -> BackupKind.FULL;
            case KIND_INCREMENTAL -> BackupKind.INCREMENTAL;
            case KIND_DIFFERENTIAL -> BackupKind.DIFFERENTIAL;
            case KIND_COPY -> BackupKind.COPY;
            default -> null;
        };
    }
}
