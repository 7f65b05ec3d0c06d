package dev.quire.backup.socket;

/**
 * What each side sends first; who listens does not wait for the other one. It never changes: so any two versions
 * understand that they do not understand one another.
 *
 * <pre>
 *   0        8        12         16  bytes
 *  +--------+--------+----------+
 *  | magic  | lowest | highest  |   of the versions that this side speaks
 *  +--------+--------+----------+
 * </pre>
 */
final class HelloLayout {

    /** "QuireBak". */
    static final long MAGIC = 0x6B61426572697551L;

    static final int MAGIC_OFFSET = 0;
    static final int LOWEST_OFFSET = MAGIC_OFFSET + Long.BYTES;
    static final int HIGHEST_OFFSET = LOWEST_OFFSET + Integer.BYTES;
    static final int HELLO_BYTES = HIGHEST_OFFSET + Integer.BYTES;

    private HelloLayout() {}
}
