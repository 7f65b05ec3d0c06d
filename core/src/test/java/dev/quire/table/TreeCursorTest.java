package dev.quire.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.BytesView;
import dev.quire.pages.PageReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeCursorTest {

    private final MemoryPages pages = new MemoryPages(4096);
    private final long root = TreeWriter.create(pages);
    private final TreeWriter writer = new TreeWriter(pages, root);
    private final NavigableMap<byte[], byte[]> map = new TreeMap<>(Arrays::compareUnsigned);
    private Random random = new Random(0);

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void everySeekAndStepMustAgreeWithTheMap(long seed) {
        random = new Random(seed);
        fill(3000);
        TreeCursor cursor = new Tree(pages, root).cursor();
        for (int i = 0; i < 20_000; i++) {
            byte[] key = key();
            Map.Entry<byte[], byte[]> expected = switch (random.nextInt(6)) {
                case 0 -> on(cursor.first(), map.firstEntry());
                case 1 -> on(cursor.last(), map.lastEntry());
                case 2 -> on(cursor.seek(key), map.ceilingEntry(key));
                case 3 -> on(cursor.seekFloor(key), map.floorEntry(key));
                case 4 -> on(cursor.seekLower(key), map.lowerEntry(key));
                default -> {
                    assertEquals(map.containsKey(key), cursor.seekExact(key));
                    yield null;
                }
            };
            check(cursor, expected);
            walk(cursor, expected == null ? null : expected.getKey());
        }
    }

    private static <T> T on(boolean found, T expected) {
        assertEquals(expected != null, found);
        return expected;
    }

    private void walk(TreeCursor cursor, byte[] from) {
        byte[] at = from;
        boolean forward = random.nextBoolean();
        for (int steps = random.nextInt(90); steps > 0 && at != null; steps--) {
            if (random.nextInt(20) == 0) {
                forward = !forward;
            }
            Map.Entry<byte[], byte[]> next = forward ? map.higherEntry(at) : map.lowerEntry(at);
            assertEquals(next != null, forward ? cursor.next() : cursor.previous());
            check(cursor, next);
            at = next == null ? null : next.getKey();
        }
    }

    private static void check(TreeCursor cursor, Map.Entry<byte[], byte[]> expected) {
        if (expected != null) {
            assertTrue(cursor.isOn());
            assertArrayEquals(expected.getKey(), cursor.keyBytes());
            assertArrayEquals(expected.getValue(), cursor.value().toBytes());
        }
    }

    @Test
    void cursorMustKeepItsPlaceWhileTheTreeIsChanged() {
        random = new Random(5);
        fill(1500);
        TreeCursor cursor = writer.tree().cursor();
        assertTrue(cursor.first());
        byte[] at = map.firstKey();
        for (int i = 0; i < 30_000; i++) {
            change();
            boolean there = map.containsKey(at);
            assertEquals(there, cursor.isOn());
            if (there) {
                assertArrayEquals(map.get(at), cursor.value().toBytes());
            } else {
                assertThrows(IllegalStateException.class, cursor::keyBytes);
            }
            boolean forward = random.nextBoolean();
            byte[] next = forward ? map.higherKey(at) : map.lowerKey(at);
            assertEquals(next != null, forward ? cursor.next() : cursor.previous());
            if (next == null) {
                assertFalse(cursor.isOn());
                byte[] key = key();
                next = map.ceilingKey(key);
                if (!cursor.seek(key)) {
                    assertEquals(null, next);
                    cursor.last();
                    next = map.lastKey();
                }
            }
            assertArrayEquals(next, cursor.keyBytes());
            at = next;
        }
        CheckedTree.check(pages, root);
    }

    @Test
    void failedExactSearchMustLeaveTheCursorBetweenItsNeighbours() {
        put(10);
        put(20);
        TreeCursor cursor = writer.tree().cursor();
        assertFalse(cursor.seekExact(new byte[] {15}));
        assertFalse(cursor.isOn());
        assertThrows(IllegalStateException.class, cursor::valueLength);
        put(17);
        assertTrue(cursor.next(), "what came in between meanwhile is the next");
        assertArrayEquals(new byte[] {17}, cursor.keyBytes());
        assertFalse(cursor.seekExact(new byte[] {15}));
        assertTrue(cursor.previous());
        assertArrayEquals(new byte[] {10}, cursor.keyBytes());
        assertFalse(cursor.seekExact(new byte[] {99}));
        assertFalse(cursor.next());
        assertTrue(cursor.previous());
        assertArrayEquals(new byte[] {20}, cursor.keyBytes());
    }

    private void put(int key) {
        writer.put(new byte[] {(byte) key}, new byte[] {1});
    }

    @Test
    void emptyTreeMustHaveNoPlace() {
        TreeCursor cursor = new Tree(pages, root).cursor();
        assertFalse(cursor.next());
        assertFalse(cursor.previous());
        assertFalse(cursor.first());
        assertFalse(cursor.last());
        assertFalse(cursor.seek(new byte[] {1}));
        assertFalse(cursor.seekFloor(new byte[] {1}));
        assertFalse(cursor.seekExact(new byte[] {1}));
        assertFalse(cursor.isOn());
        assertThrows(IllegalStateException.class, cursor::value);
    }

    @Test
    void newCursorMustStandBeforeTheFirstAndAnExhaustedOneBehindTheLast() {
        put(1);
        put(2);
        TreeCursor cursor = new Tree(pages, root).cursor();
        assertFalse(cursor.previous());
        assertTrue(cursor.next());
        assertTrue(cursor.next());
        assertFalse(cursor.next());
        assertFalse(cursor.next(), "it must not begin again");
        assertTrue(cursor.previous());
        assertArrayEquals(new byte[] {2}, cursor.keyBytes());
    }

    @Test
    void viewsMustBeThoseOfThePage() {
        byte[] value = {5, 6, 7};
        writer.put("key".getBytes(StandardCharsets.US_ASCII), value);
        TreeCursor cursor = new Tree(pages, root).cursor();
        assertTrue(cursor.next());
        BytesView view = new BytesView();
        cursor.key(view);
        assertEquals("key", view.getStringWithoutLengthUtf8(0, view.capacity()));
        assertEquals(3, cursor.keyLength());
        cursor.value(view);
        assertEquals(3, view.capacity());
        assertEquals(6, view.getByte(1));
        assertEquals(3, cursor.valueLength());
    }

    @Test
    void snapshotMustNotSeeWhatTheWriterDoesNext() {
        random = new Random(6);
        fill(2000);
        PageReader then = pages.snapshot();
        NavigableMap<byte[], byte[]> before = new TreeMap<>(map);
        TreeCursor cursor = new Tree(then, root).cursor();
        for (Map.Entry<byte[], byte[]> entry : before.entrySet()) {
            change();
            assertTrue(cursor.next());
            check(cursor, entry);
        }
        assertFalse(cursor.next());
    }

    @Test
    void keysInBuffersMustBeFoundLikeThoseInArrays() {
        random = new Random(7);
        fill(500);
        ByteBuffer bytes = ByteBuffer.allocateDirect(64).order(ByteOrder.LITTLE_ENDIAN);
        BytesView view = new BytesView();
        view.point(bytes, 3, 60);
        TreeCursor cursor = new Tree(pages, root).cursor();
        Tree tree = new Tree(pages, root);
        TreeValue value = new TreeValue();
        for (byte[] key : map.keySet()) {
            bytes.put(7, key);
            assertTrue(cursor.seekExact(view, 4, key.length));
            assertTrue(cursor.seek(view, 4, key.length));
            assertArrayEquals(key, cursor.keyBytes());
            assertTrue(cursor.seekFloor(view, 4, key.length));
            assertArrayEquals(key, cursor.keyBytes());
            assertEquals(map.lowerKey(key) != null, cursor.seekLower(view, 4, key.length));
            assertTrue(tree.find(view, 4, key.length, value));
            assertArrayEquals(map.get(key), value.toBytes());
        }
    }

    private void fill(int count) {
        for (int i = 0; i < count; i++) {
            byte[] key = key();
            byte[] value = value();
            map.put(key, value);
            writer.put(key, value);
        }
    }

    /** Changes a record, sometimes many around one place, so that pages split and merge under a cursor. */
    private void change() {
        byte[] key = key();
        int dice = random.nextInt(40);
        if (dice == 0) {
            byte[] from = map.ceilingKey(key);
            for (int i = 0; i < 40 && from != null && map.size() > 300; i++) {
                map.remove(from);
                assertTrue(writer.delete(from));
                from = map.higherKey(from);
            }
        } else if (dice < 12 || map.size() < 400) {
            byte[] value = value();
            map.put(key, value);
            writer.put(key, value);
        } else if (dice < 20) {
            assertEquals(map.remove(key) != null, writer.delete(key));
        }
    }

    private byte[] key() {
        byte[] key = new byte[1 + random.nextInt(20)];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (random.nextInt(4) * 85);
        }
        return key;
    }

    private byte[] value() {
        byte[] value = new byte[random.nextInt(200) == 0 ? 5000 : random.nextInt(80)];
        random.nextBytes(value);
        return value;
    }
}
