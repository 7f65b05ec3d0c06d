package dev.quire.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.BytesView;
import dev.quire.io.page.PageLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Fear: dropping whole subtrees leaks pages or extents, leaves keys without a leaf, or fences that do not fit. Method:
 * ranges of every width against a map, on trees of several levels, the tree checked whole after each.
 */
class RangeRemovalTest {

    private Random random = new Random(0);
    private final MemoryPages pages = new MemoryPages(4096);
    private final long root = TreeWriter.create(pages);
    private final TreeWriter writer = new TreeWriter(pages, root);
    private final NavigableMap<byte[], byte[]> map = new TreeMap<>(Arrays::compareUnsigned);

    @ParameterizedTest(name = "keys up to {0} bytes, seed {1}")
    @CsvSource({"12, 1", "12, 2", "480, 3", "480, 4", "480, 5", "60, 6", "200, 7"})
    void everyRangeMustVanishAndNothingElse(int keyMax, long seed) {
        random = new Random(seed);
        for (int round = 0; round < 25; round++) {
            fill(900, keyMax);
            for (int i = 0; i < 6 && !map.isEmpty(); i++) {
                removeRandomRange(keyMax);
                check();
            }
        }
    }

    private void removeRandomRange(int keyMax) {
        byte[] from = random.nextInt(10) == 0 ? null : bound(keyMax);
        byte[] to = random.nextInt(10) == 0 ? null : bound(keyMax);
        if (from != null && to != null && Arrays.compareUnsigned(from, to) > 0) {
            byte[] swap = from;
            from = to;
            to = swap;
        }
        if (from != null && random.nextInt(3) == 0) {
            to = from;
            for (int i = random.nextInt(120); i > 0 && to != null; i--) {
                to = map.higherKey(to);
            }
        }
        NavigableMap<byte[], byte[]> range = from == null ? map : map.tailMap(from, true);
        range = to == null ? range : range.headMap(to, false);
        assertEquals(range.size(), writer.deleteRange(from, to));
        range.clear();
    }

    private byte[] bound(int keyMax) {
        byte[] key = key(keyMax);
        byte[] there = map.ceilingKey(key);
        return random.nextBoolean() && there != null ? there : key;
    }

    private void check() {
        TreeCheck.Stats stats = CheckedTree.check(pages, root);
        assertEquals(map.size(), stats.records());
        TreeCursor cursor = writer.tree().cursor();
        for (byte[] key : map.keySet()) {
            assertTrue(cursor.next());
            assertArrayEquals(key, cursor.keyBytes());
        }
        assertFalse(cursor.next());
        assertTrue(writer.isWhole());
        if (map.isEmpty()) {
            assertEquals(1, pages.inUse().size());
        }
    }

    /** A missing fence is for those that found no room; a tree of short keys must keep its guards. */
    @Test
    void neighboursMustTakeOverTheFencesOfWhatWasRemoved() {
        for (int round = 0; round < 12; round++) {
            fill(1500, 12);
            for (int i = 0; i < 4; i++) {
                removeRandomRange(12);
            }
            for (int i = 0; i < 200 && !map.isEmpty(); i++) {
                assertTrue(writer.delete(map.pollFirstEntry().getKey()));
            }
            int low = 0;
            int high = 0;
            Node node = new Node();
            for (long page : pages.inUse().keySet()) {
                pages.read(page, node.ref);
                if (node.ref.base.get(node.ref.offset + PageLayout.TYPE_OFFSET) != PageLayout.TYPE_EXTENT) {
                    node.open(page, 4096, -1);
                    low += node.lowLength() == 0 ? 1 : 0;
                    high += node.highLength() == 0 ? 1 : 0;
                }
            }
            int levels = CheckedTree.check(pages, root).levels();
            assertEquals(levels, low, "pages without a low fence, of " + levels + " levels");
            assertEquals(levels, high, "pages without a high fence");
        }
    }

    @Test
    void whatIsLeftAtBothEndsMustComeTogether() {
        for (int keep : new int[] {1, 3, 6}) {
            for (int i = 0; i < 5000; i++) {
                byte[] key = ByteBuffer.allocate(70).putLong(62, i * 7L).array();
                map.put(key, new byte[30]);
                writer.put(key, new byte[30]);
            }
            assertEquals(3, CheckedTree.check(pages, root).levels());
            byte[] from = (byte[]) map.keySet().toArray()[keep];
            byte[] to = (byte[]) map.keySet().toArray()[5000 - keep];
            assertEquals(5000 - 2 * keep, writer.deleteRange(from, to));
            map.subMap(from, true, to, false).clear();
            check();
            assertEquals(1, CheckedTree.check(pages, root).levels(), "two small leaves fit one");
        }
    }

    @Test
    void rangeOfNothingMustChangeNothing() {
        fill(500, 12);
        assertEquals(0, writer.deleteRange(new byte[] {9}, new byte[] {9}));
        assertEquals(0, writer.deleteRange(new byte[] {9}, new byte[] {8}));
        byte[] key = map.firstKey();
        byte[] after = Arrays.copyOf(key, key.length + 1);
        assertEquals(
                0, writer.deleteRange(Arrays.copyOf(after, after.length + 1), Arrays.copyOf(after, after.length + 2)));
        check();
    }

    @Test
    void boundsInBuffersMustDoTheSame() {
        fill(500, 12);
        byte[] from = map.higherKey(new byte[] {1});
        BytesView view = new BytesView();
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(64).order(ByteOrder.LITTLE_ENDIAN).put(5, from);
        view.point(bytes, 2, 60);
        int expected = map.headMap(from, false).size();
        assertEquals(expected, writer.deleteRange(null, 0, 0, view, 3, from.length));
        map.headMap(from, false).clear();
        check();
        assertEquals(map.size(), writer.deleteRange(view, 3, from.length, null, 0, 0));
        map.clear();
        check();
    }

    @Test
    void clearMustLeaveTheRootAndDropNothingAtAll() {
        fill(2000, 100);
        assertEquals(map.size(), writer.clear());
        map.clear();
        check();
        fill(2000, 100);
        check();
        writer.drop();
        assertEquals(0, pages.inUse().size());
        assertFalse(writer.isWhole(), "a dropped tree must not be used");
    }

    private void fill(int count, int keyMax) {
        for (int i = 0; i < count; i++) {
            byte[] key = key(keyMax);
            byte[] value = new byte[random.nextInt(60) == 0 ? random.nextInt(9000) : random.nextInt(50)];
            random.nextBytes(value);
            map.put(key, value);
            writer.put(key, value);
        }
    }

    /** Now and then one that shares a long beginning with others: separators are long, too. */
    private byte[] key(int keyMax) {
        byte[] key = new byte[1 + random.nextInt(keyMax)];
        int alike = random.nextInt(3) == 0 ? key.length - 1 - random.nextInt(Math.min(key.length, 3)) : 0;
        Arrays.fill(key, (byte) random.nextInt(3));
        for (int i = Math.max(alike, 0); i < key.length; i++) {
            key[i] = (byte) random.nextInt(7);
        }
        return key;
    }
}
