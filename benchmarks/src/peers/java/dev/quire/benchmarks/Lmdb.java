package dev.quire.benchmarks;

import static java.nio.ByteBuffer.allocateDirect;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.lmdbjava.ByteBufferProxy;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.Txn;

/** LMDB: {@code Env.copy}, which writes past the system's cache, and verifies nothing since its pages have no checksum. */
final class Lmdb extends Peer {

    private static final long MAP_BYTES = 16L << 30;

    private final Env<ByteBuffer> env;
    private final Dbi<ByteBuffer> table;
    private final ByteBuffer key = allocateDirect(Records.KEY_BYTES);
    private final ByteBuffer value = allocateDirect(Volume.VALUE_BYTES);
    private Txn<ByteBuffer> tx;

    Lmdb(Path directory, int records, boolean durable) {
        super(directory, records);
        EnvFlags[] flags = durable ? new EnvFlags[0] : new EnvFlags[] {EnvFlags.MDB_NOSYNC};
        env = Env.create(ByteBufferProxy.PROXY_SAFE)
                .setMapSize(MAP_BYTES)
                .setMaxDbs(1)
                .open(directory.toFile(), flags);
        table = env.openDbi(StoreFixture.TABLE, DbiFlags.MDB_CREATE);
    }

    @Override
    public String name() {
        return "LMDB";
    }

    @Override
    void begin() {
        tx = env.txnWrite();
    }

    @Override
    void put(byte[] keyBytes, byte[] valueBytes) {
        table.put(
                tx,
                key.clear().put(keyBytes).flip(),
                value.clear().put(valueBytes).flip());
    }

    @Override
    void end() {
        tx.commit();
        tx.close();
    }

    @Override
    void copy(Path to) {
        env.copy(to.toFile());
    }

    @Override
    public void close() {
        env.sync(true);
        env.close();
    }
}
