package dev.quire;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** What an instance should hold, kept in maps. Keys are ASCII, so that their order is that of the bytes. */
final class StateModel {

    /** One database. */
    static final class OfDatabase {
        final TreeMap<Long, byte[]> pages = new TreeMap<>();
        final TreeMap<String, TreeMap<String, byte[]>> tables = new TreeMap<>();

        OfDatabase copy() {
            OfDatabase copy = new OfDatabase();
            copy.pages.putAll(pages);
            tables.forEach((name, table) -> copy.tables.put(name, new TreeMap<>(table)));
            return copy;
        }
    }

    final TreeMap<String, OfDatabase> databases = new TreeMap<>();

    StateModel copy() {
        StateModel copy = new StateModel();
        databases.forEach((name, database) -> copy.databases.put(name, database.copy()));
        return copy;
    }

    OfDatabase database(String name) {
        return databases.get(name);
    }

    long digest() {
        StateDigest digest = new StateDigest();
        for (Map.Entry<String, OfDatabase> each : databases.entrySet()) {
            digest.name(each.getKey());
            each.getValue().pages.forEach((page, bytes) -> {
                digest.number(page);
                digest.bytes(bytes);
            });
            each.getValue().tables.forEach((name, table) -> {
                digest.name(name);
                table.forEach((key, value) -> {
                    digest.bytes(bytes(key));
                    digest.bytes(value);
                });
            });
        }
        return digest.value();
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
