package dev.quire;

import dev.quire.io.MutableBytesView;
import java.util.Arrays;
import java.util.TreeMap;

/** What one write transaction does, done to the instance and to a model alike. */
final class Step {

    private final WriteTransaction tx;
    private final Instance instance;
    private final StateModel model;
    private final MutableBytesView view = new MutableBytesView();

    Step(Instance instance, WriteTransaction tx, StateModel model) {
        this.instance = instance;
        this.tx = tx;
        this.model = model;
    }

    Step put(String database, String table, String key, byte[] value) {
        tx.openOrCreateTable(instance.database(database), table).put(StateModel.bytes(key), value);
        model.database(database)
                .tables
                .computeIfAbsent(table, name -> new TreeMap<>())
                .put(key, value);
        return this;
    }

    /** Puts many: keys {@code prefix} and a number of five digits. */
    Step fill(String database, String table, String prefix, int from, int to, int valueBytes) {
        for (int i = from; i < to; i++) {
            put(database, table, key(prefix, i), StateModel.noise(i * 31L + valueBytes, valueBytes));
        }
        return this;
    }

    Step delete(String database, String table, String key) {
        tx.table(instance.database(database), table).delete(StateModel.bytes(key));
        model.database(database).tables.get(table).remove(key);
        return this;
    }

    Step deleteAll(String database, String table, String prefix, int from, int to) {
        for (int i = from; i < to; i++) {
            delete(database, table, key(prefix, i));
        }
        return this;
    }

    Step deleteRange(String database, String table, String from, String to) {
        tx.table(instance.database(database), table).deleteRange(StateModel.bytes(from), StateModel.bytes(to));
        model.database(database).tables.get(table).subMap(from, to).clear();
        return this;
    }

    Step dropTable(String database, String table) {
        tx.dropTable(instance.database(database), table);
        model.database(database).tables.remove(table);
        return this;
    }

    long allocate(String database, long seed) {
        WritableRawPages raw = tx.rawPages(instance.database(database));
        byte[] bytes = StateModel.noise(seed, raw.payloadBytes());
        long page = raw.allocate(view);
        view.putBytes(0, bytes);
        model.database(database).pages.put(page, bytes);
        return page;
    }

    Step modify(String database, long page, int at, int length, long seed) {
        tx.rawPages(instance.database(database)).modify(page, view);
        byte[] noise = StateModel.noise(~seed, length);
        view.putBytes(at, noise);
        byte[] bytes = model.database(database).pages.get(page);
        byte[] changed = Arrays.copyOf(bytes, bytes.length);
        System.arraycopy(noise, 0, changed, at, length);
        model.database(database).pages.put(page, changed);
        return this;
    }

    Step free(String database, long page) {
        tx.rawPages(instance.database(database)).free(page);
        model.database(database).pages.remove(page);
        return this;
    }

    static String key(String prefix, int number) {
        return prefix + (100_000 + number);
    }
}
