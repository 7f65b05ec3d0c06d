package dev.quire.backup;

import dev.quire.Instance;
import dev.quire.WritableRawPages;
import dev.quire.WriteTransaction;
import dev.quire.io.MutableBytesView;
import java.util.Arrays;

/** What one write transaction does, done to the instance and to what is expected of it alike. */
final class Step {

    private final Instance instance;
    private final WriteTransaction tx;
    private final Contents expected;
    private final MutableBytesView view = new MutableBytesView();

    Step(Instance instance, WriteTransaction tx, Contents expected) {
        this.instance = instance;
        this.tx = tx;
        this.expected = expected;
    }

    Step put(String database, String table, String key, byte[] value) {
        tx.openOrCreateTable(instance.database(database), table).put(Contents.bytes(key), value);
        expected.table(database, table).put(key, value);
        return this;
    }

    Step put(String database, String key, long seed, int length) {
        return put(database, "t", key, Contents.noise(seed, length));
    }

    Step restorePoint(String name) {
        tx.restorePoint(name);
        return this;
    }

    Step delete(String database, String key) {
        tx.table(instance.database(database), "t").delete(Contents.bytes(key));
        expected.table(database, "t").remove(key);
        return this;
    }

    /** Allocates a raw page. */
    long allocate(String database, long seed) {
        WritableRawPages raw = tx.rawPages(instance.database(database));
        byte[] bytes = Contents.noise(seed, raw.payloadBytes());
        long page = raw.allocate(view);
        view.putBytes(0, bytes);
        note(database, page, bytes);
        return page;
    }

    /** Changes some bytes of a raw page. */
    Step modify(String database, long page, int at, int length, long seed) {
        WritableRawPages raw = tx.rawPages(instance.database(database));
        raw.modify(page, view);
        view.putBytes(at, Contents.noise(seed, length));
        byte[] bytes = new byte[raw.payloadBytes()];
        view.getBytes(0, bytes);
        note(database, page, bytes);
        return this;
    }

    Step free(String database, long page) {
        tx.rawPages(instance.database(database)).free(page);
        String key = Long.toString(page);
        tx.table(instance.database(database), Contents.PAGES).delete(Contents.bytes(key));
        expected.table(database, Contents.PAGES).remove(key);
        return this;
    }

    private void note(String database, long page, byte[] bytes) {
        byte[] sum = Contents.sum(Arrays.copyOf(bytes, bytes.length));
        put(database, Contents.PAGES, Long.toString(page), sum);
    }
}
