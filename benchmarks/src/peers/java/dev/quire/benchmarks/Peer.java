package dev.quire.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A store of somebody else with the records of {@link Volume}. */
abstract class Peer implements HotStore {

    final Path directory;
    private final int records;
    private final byte[] key = new byte[Records.KEY_BYTES];
    private final byte[] value = new byte[Volume.VALUE_BYTES];

    Peer(Path directory, int records) {
        this.directory = directory;
        this.records = records;
    }

    /** Puts these records in one transaction. */
    final void load(List<Long> numbers) throws Exception {
        begin();
        for (long number : numbers) {
            put(number, number);
        }
        end();
    }

    @Override
    public final void commit(long turn) throws Exception {
        begin();
        put(Records.pick(turn, records), turn);
        end();
    }

    private void put(long number, long content) throws Exception {
        Records.key(number, key);
        Records.value(content, value);
        put(key, value);
    }

    /** Copies, then forces what was copied whether it was forced or not. */
    @Override
    public final void backup(Path to) throws Exception {
        Files.createDirectory(to);
        copy(to);
        Bare.force(to);
    }

    /** Begins a transaction. */
    abstract void begin() throws Exception;

    abstract void put(byte[] key, byte[] value) throws Exception;

    /** Commits it, durably if the store was opened so. */
    abstract void end() throws Exception;

    /** Its own hot backup, to an empty directory. */
    abstract void copy(Path to) throws Exception;

    @Override
    public final Path directory() {
        return directory;
    }
}
