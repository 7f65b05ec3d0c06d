package dev.quire.benchmarks;

import java.nio.file.Path;

/**
 * A store that is backed up while it is written to: Quire, and with the profile {@code peers} others of equal content,
 * {@link Records} of {@link Volume#VALUE_BYTES}.
 */
interface HotStore extends AutoCloseable {

    /** For the table. */
    String name();

    /** Where its files are. */
    Path directory();

    /** Puts a new value over one of the records; when it returns no power cut takes that back. One thread. */
    void commit(long turn) throws Exception;

    /** Makes a backup at a path at which nothing is; when it returns no power cut takes that back. */
    void backup(Path to) throws Exception;

    @Override
    void close();
}
