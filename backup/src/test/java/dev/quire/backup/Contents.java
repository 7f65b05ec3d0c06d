package dev.quire.backup;

import dev.quire.Cursor;
import dev.quire.Database;
import dev.quire.Instance;
import dev.quire.RawPages;
import dev.quire.ReadTransaction;
import dev.quire.io.BytesView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * All that is in an instance: entries by database and table. Raw pages stand in a table of their own, by number and
 * with the checksum of their bytes, so that a state describes itself.
 */
final class Contents {

    /** The table in which a database keeps what its raw pages hold. */
    static final String PAGES = "pages";

    private final TreeMap<String, TreeMap<String, TreeMap<String, byte[]>>> databases = new TreeMap<>();

    /** The tables of a database; made if it is new. */
    TreeMap<String, TreeMap<String, byte[]>> database(String name) {
        return databases.computeIfAbsent(name, key -> new TreeMap<>());
    }

    /** A table; made if it is new. */
    TreeMap<String, byte[]> table(String database, String table) {
        return database(database).computeIfAbsent(table, key -> new TreeMap<>());
    }

    Contents copy() {
        Contents copy = new Contents();
        databases.forEach((name, tables) -> {
            copy.database(name);
            tables.forEach((table, entries) -> copy.table(name, table).putAll(entries));
        });
        return copy;
    }

    /** The names of the databases. */
    List<String> names() {
        return List.copyOf(databases.keySet());
    }

    /** With all tables that {@code other} has under that name. */
    Contents with(String name, Contents other) {
        Contents with = copy();
        with.databases.put(name, other.copy().database(name));
        return with;
    }

    /** One of the databases alone. */
    Contents only(String name) {
        Contents only = copy();
        only.databases.keySet().retainAll(List.of(name));
        return only;
    }

    Contents without(String name) {
        Contents rest = copy();
        rest.databases.remove(name);
        return rest;
    }

    Contents renamed(String name, String to) {
        Contents renamed = without(name);
        renamed.databases.put(to, copy().databases.get(name));
        return renamed;
    }

    /** Everything as one number. */
    long digest() {
        CRC32C crc = new CRC32C();
        long[] sum = new long[1];
        databases.forEach((name, tables) -> {
            sum[0] = sum[0] * 31 + name.hashCode();
            tables.forEach((table, entries) -> {
                sum[0] = sum[0] * 31 + table.hashCode();
                entries.forEach((key, value) -> {
                    crc.reset();
                    crc.update(value);
                    sum[0] = (sum[0] * 31 + key.hashCode()) * 0x9E3779B97F4A7C15L + crc.getValue();
                });
            });
        });
        return sum[0];
    }

    /** What is in an instance, each raw page judged by what the tables say of it. */
    static Contents of(Instance instance) {
        Contents found = new Contents();
        try (ReadTransaction tx = instance.beginRead()) {
            for (Database database : instance.databases()) {
                found.database(database.name());
                for (String table : tx.tables(database)) {
                    found.read(tx, database, table);
                }
                found.judgePages(tx, database);
            }
        }
        return found;
    }

    private void read(ReadTransaction tx, Database database, String table) {
        TreeMap<String, byte[]> entries = table(database.name(), table);
        Cursor cursor = tx.table(database, table).cursor();
        while (cursor.next()) {
            entries.put(
                    new String(cursor.key(), StandardCharsets.ISO_8859_1),
                    cursor.value().toBytes());
        }
    }

    private void judgePages(ReadTransaction tx, Database database) {
        if (!database(database.name()).containsKey(PAGES)) {
            return;
        }
        RawPages raw = tx.rawPages(database);
        BytesView view = new BytesView();
        byte[] bytes = new byte[raw.payloadBytes()];
        table(database.name(), PAGES).forEach((page, expected) -> {
            raw.read(Long.parseLong(page), view);
            view.getBytes(0, bytes);
            if (!Arrays.equals(sum(bytes), expected)) {
                throw new AssertionError("page " + page + " of " + database.name() + " holds something else");
            }
        });
    }

    /** What the table of pages keeps of a page. */
    static byte[] sum(byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload);
        return ByteBuffer.allocate(Long.BYTES).putLong(crc.getValue()).array();
    }

    static byte[] bytes(String key) {
        return key.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Bytes that follow from a seed. */
    static byte[] noise(long seed, int length) {
        byte[] bytes = new byte[length];
        long x = seed * 0x9E3779B97F4A7C15L + 1;
        for (int i = 0; i < length; i++) {
            x ^= x << 13;
            x ^= x >>> 7;
            x ^= x << 17;
            bytes[i] = (byte) x;
        }
        return bytes;
    }
}
