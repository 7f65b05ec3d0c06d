package dev.quire.io;

import java.nio.file.Path;

/**
 * Something that happened in a long operation.
 *
 * @param kind what, with its number
 * @param operation in which
 * @param id of the backup that is made, or restored; empty where there is none
 * @param subject what it is about
 * @param error why, when something failed; null if nothing did, or not by a fault that has a number
 * @param text the rest, for people; may be empty
 * @param nanos how long it took, when something ends; else 0
 */
public record OperationEvent(
        EventKind kind, Operation operation, String id, Subject subject, QuireError error, String text, long nanos) {

    /** What takes long. */
    public enum Operation {
        /** A backup, or truncation alone. */
        BACKUP,
        /** Verification of a backup at rest. */
        VERIFY,
        /** A restore. */
        RESTORE,
        /** The recovery of an instance that is opened. */
        RECOVERY
    }

    /**
     * What an event is about.
     *
     * @param file or directory; null if it is about none
     * @param bytes how many; 0 if nobody has counted
     * @param generationLow first generation of the log; 0 if it is not about log
     * @param generationHigh last generation of the log; below the first if there is none
     */
    public record Subject(Path file, long bytes, int generationLow, int generationHigh) {

        /** A file, with the bytes of it that count. */
        public static Subject file(Path file, long bytes) {
            return new Subject(file, bytes, 0, 0);
        }

        /** Generations of the log, which lie in a directory or are one file. */
        public static Subject log(Path file, long bytes, int low, int high) {
            return new Subject(file, bytes, low, high);
        }
    }

    /** One line, without operation and id: {@code 221 file done, orders.qdb, 4096 bytes}. */
    @Override
    public String toString() {
        StringBuilder line =
                new StringBuilder().append(kind.number()).append(' ').append(kind.words());
        if (subject.file() != null) {
            line.append(", ").append(subject.file());
        }
        if (subject.generationLow() > 0 && subject.generationHigh() >= subject.generationLow()) {
            line.append(", generations ").append(subject.generationLow());
            line.append(" to ").append(subject.generationHigh());
        }
        if (subject.bytes() > 0) {
            line.append(", ").append(subject.bytes()).append(" bytes");
        }
        if (!text.isEmpty()) {
            line.append(": ").append(text);
        }
        return line.toString();
    }
}
