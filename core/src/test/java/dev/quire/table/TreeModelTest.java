package dev.quire.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Fear: some order of puts, replacements and deletions, of some lengths of keys and values, loses, doubles or misplaces
 * a record, or leaks a page. Method: random operations on a tree and on a map, every shape of keys, compared as they
 * go; the tree is checked whole in between. The seed is in the name of each case.
 */
class TreeModelTest {

    private static final int STEPS = 3000;

    /** How keys come. */
    enum Keys {
        SHORT,
        MIXED,
        SHARED,
        LONG,
        RISING,
        FALLING,
        RUNS
    }

    @ParameterizedTest(name = "page size {0}, {1} keys, seed {2}")
    @CsvSource({
        "4096, SHORT, 1", "4096, MIXED, 2", "4096, SHARED, 3", "4096, LONG, 4", "4096, RISING, 5", "4096, FALLING, 6",
        "4096, RUNS, 7", "8192, MIXED, 8", "8192, SHARED, 9", "8192, RUNS, 10", "16384, MIXED, 11", "32768, LONG, 12",
        "65536, MIXED, 13", "65536, SHARED, 14", "65536, LONG, 15", "4096, LONG, 16", "4096, MIXED, 17",
                "4096, SHARED, 18"
    })
    void treeMustHoldWhatTheMapHolds(int pageSize, Keys keys, long seed) {
        new Run(pageSize, keys, seed).run();
    }

    private static final class Run {
        final Random random;
        final Keys keys;
        final MemoryPages pages;
        final long root;
        final int keyMax;
        final NavigableMap<byte[], byte[]> map = new TreeMap<>(Arrays::compareUnsigned);
        final TreeScratch scratch;
        TreeWriter tree;
        long counter = 1L << 40;

        Run(int pageSize, Keys keys, long seed) {
            random = new Random(seed);
            this.keys = keys;
            pages = new MemoryPages(pageSize);
            scratch = new TreeScratch(pageSize);
            root = TreeWriter.create(pages);
            keyMax = Tree.keyBytesMax(pageSize);
            begin();
        }

        void begin() {
            tree = new TreeWriter(pages, root, scratch);
        }

        void run() {
            for (int phase = 0; phase < 3; phase++) {
                for (int i = 0; i < STEPS; i++) {
                    step(phase);
                    if (i % 97 == 0) {
                        pages.commit();
                        begin();
                    }
                    if (i % 500 == 0) {
                        check();
                    }
                }
            }
            while (!map.isEmpty()) {
                byte[] key = random.nextBoolean() ? map.firstKey() : near(randomKey());
                map.remove(key);
                assertTrue(tree.delete(key));
                if (map.size() % 300 == 0) {
                    check();
                }
            }
            check();
            assertEquals(1, pages.inUse().size(), "an empty tree is its root");
            assertEquals(1, CheckedTree.check(pages, root).levels());
        }

        /** Growth, then as much of either, then shrinking. */
        void step(int phase) {
            int dice = random.nextInt(100);
            int puts = new int[] {75, 45, 25}[phase];
            byte[] key = randomKey();
            if (dice < puts) {
                put(key);
            } else if (dice < puts + 5) {
                byte[] value = randomValue(key);
                assertEquals(!map.containsKey(key), tree.putIfAbsent(key, value));
                map.putIfAbsent(key, value);
            } else if (dice < 90 && !map.isEmpty()) {
                byte[] there = near(key);
                assertTrue(tree.delete(there));
                assertFalse(tree.delete(there));
                map.remove(there);
            } else if (dice < 97 && !map.isEmpty()) {
                put(near(key));
            } else if (!map.isEmpty()) {
                assertEquals(map.remove(key) != null, tree.delete(key));
            }
            find(key);
            if (!map.isEmpty()) {
                find(near(randomKey()));
            }
        }

        void put(byte[] key) {
            byte[] value = randomValue(key);
            assertEquals(map.put(key, value) == null, tree.put(key, value));
        }

        void find(byte[] key) {
            TreeValue value = new TreeValue();
            boolean found = tree.tree().find(key, value);
            assertEquals(map.containsKey(key), found);
            if (found) {
                assertArrayEquals(map.get(key), value.toBytes());
            }
        }

        byte[] near(byte[] key) {
            byte[] there = map.ceilingKey(key);
            return there != null ? there : map.lastKey();
        }

        void check() {
            TreeCheck.Stats stats = CheckedTree.check(pages, root);
            assertEquals(map.size(), stats.records());
            assertTrue(tree.isWhole());
            TreeCursor cursor = tree.tree().cursor();
            for (Map.Entry<byte[], byte[]> entry : map.entrySet()) {
                assertTrue(cursor.next());
                assertArrayEquals(entry.getKey(), cursor.keyBytes());
                assertArrayEquals(entry.getValue(), cursor.value().toBytes());
            }
            assertFalse(cursor.next());
            for (byte[] key : map.descendingKeySet()) {
                assertTrue(cursor.previous());
                assertArrayEquals(key, cursor.keyBytes());
            }
            assertFalse(cursor.previous());
        }

        byte[] randomKey() {
            return switch (keys) {
                case SHORT -> bytes(1 + random.nextInt(3), 6);
                case MIXED -> bytes(1 + random.nextInt(random.nextInt(10) == 0 ? keyMax : 24), 256);
                case SHARED -> shared();
                case LONG -> bytes(keyMax - random.nextInt(4), random.nextBoolean() ? 2 : 256);
                case RISING -> number(counter += 1 + random.nextInt(3));
                case FALLING -> number(counter -= 1 + random.nextInt(3));
                case RUNS -> number(random.nextInt(50) == 0 ? counter = random.nextLong() : ++counter);
            };
        }

        /** A few long beginnings, then a few bytes, many of them zeros: heads are equal often. */
        byte[] shared() {
            int prefix = new int[] {0, 7, 8, 9, 100, keyMax - 12}[random.nextInt(6)];
            byte[] tail = bytes(1 + random.nextInt(12), 3);
            byte[] key = new byte[prefix + tail.length];
            Arrays.fill(key, 0, prefix, (byte) (prefix > 8 ? 'p' : 0xFF));
            System.arraycopy(tail, 0, key, prefix, tail.length);
            return key;
        }

        byte[] bytes(int length, int alphabet) {
            byte[] key = new byte[length];
            for (int i = 0; i < length; i++) {
                key[i] = (byte) random.nextInt(alphabet);
            }
            return key;
        }

        byte[] number(long number) {
            return ("record:" + Long.toHexString(number)).getBytes(StandardCharsets.US_ASCII);
        }

        /** Mostly small; now and then at one of the limits. */
        byte[] randomValue(byte[] key) {
            int inline = Tree.inlineBytesMax(pages.pageSize()) - key.length;
            int page = pages.pageSize() - 32;
            int length = switch (random.nextInt(40)) {
                case 0 -> inline;
                case 1 -> inline + 1;
                case 2 -> inline - 1;
                case 3 -> page;
                case 4 -> page + 1;
                case 5 -> random.nextInt(3 * page);
                case 6, 7, 8, 9 -> 0;
                case 10, 11, 12 -> random.nextInt(inline);
                default -> random.nextInt(60);
            };
            byte[] value = new byte[length];
            random.nextBytes(value);
            return value;
        }
    }
}
