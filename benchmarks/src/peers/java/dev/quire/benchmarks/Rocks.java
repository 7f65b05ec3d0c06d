package dev.quire.benchmarks;

import java.nio.file.Path;
import org.rocksdb.BackupEngine;
import org.rocksdb.BackupEngineOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.Env;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** RocksDB without compression: its backup engine, which sums what it copies, and forces it. */
final class Rocks extends Peer {

    private static final long MEMTABLE_BYTES = 64 << 20;

    private final boolean durable;
    private final Options options;
    private final WriteOptions writing;
    private final RocksDB store;
    private final WriteBatch batch;

    Rocks(Path directory, int records, boolean durable) throws RocksDBException {
        super(directory, records);
        this.durable = durable;
        RocksDB.loadLibrary();
        batch = new WriteBatch();
        options = new Options()
                .setCreateIfMissing(true)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setWriteBufferSize(MEMTABLE_BYTES);
        writing = new WriteOptions().setSync(durable);
        store = RocksDB.open(options, directory.toString());
    }

    @Override
    public String name() {
        return "RocksDB";
    }

    @Override
    void begin() {
        batch.clear();
    }

    @Override
    void put(byte[] key, byte[] value) throws RocksDBException {
        batch.put(key, value);
    }

    @Override
    void end() throws RocksDBException {
        store.write(writing, batch);
    }

    @Override
    void copy(Path to) throws RocksDBException {
        try (BackupEngineOptions target = new BackupEngineOptions(to.toString());
                BackupEngine engine = BackupEngine.open(Env.getDefault(), target)) {
            engine.createNewBackup(store, true);
        }
    }

    @Override
    public void close() {
        try (FlushOptions all = new FlushOptions().setWaitForFlush(true)) {
            if (!durable) {
                store.flush(all);
                store.compactRange();
            }
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        } finally {
            batch.close();
            store.close();
            writing.close();
            options.close();
        }
    }
}
