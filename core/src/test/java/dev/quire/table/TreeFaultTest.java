package dev.quire.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.BytesView;
import dev.quire.io.LimitException;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Fear: memory or disk run out in the middle of a put, the user goes on, and the commit makes a damaged tree durable.
 * Method: allocations fail at every point of random changes; as long as the tree says it is whole, it must check, hold
 * what the map holds, and have leaked nothing.
 */
class TreeFaultTest {

    private final Random random = new Random(7);
    private final MemoryPages pages = new MemoryPages(4096);
    private final long root = TreeWriter.create(pages);
    private final TreeWriter writer = new TreeWriter(pages, root);
    private final NavigableMap<byte[], byte[]> map = new TreeMap<>(Arrays::compareUnsigned);

    @Test
    void failedAllocationsMustLeaveTheTreeWhole() {
        int failures = 0;
        for (int i = 0; i < 12_000; i++) {
            byte[] key = new byte[1 + random.nextInt(random.nextInt(4) == 0 ? 480 : 12)];
            for (int b = 0; b < key.length; b++) {
                key[b] = (byte) random.nextInt(3);
            }
            byte[] value = new byte[random.nextInt(12) == 0 ? random.nextInt(9000) : random.nextInt(500)];
            pages.allocationsLeft = random.nextInt(3);
            try {
                writer.put(key, value);
                map.put(key, value);
            } catch (LimitException expected) {
                failures++;
            }
            if (map.size() > 1500) {
                byte[] to = map.firstKey();
                for (int step = 0; step < 900; step++) {
                    to = map.higherKey(to);
                }
                pages.allocationsLeft = 0;
                assertEquals(900, writer.deleteRange(null, to), "deleting needs no memory");
                map.headMap(to, false).clear();
            }
            assertTrue(writer.isWhole());
            if (i % 200 == 0) {
                check();
            }
        }
        assertTrue(failures > 300, "failures=" + failures);
        check();
    }

    private void check() {
        assertEquals(map.size(), CheckedTree.check(pages, root).records());
        TreeCursor cursor = writer.tree().cursor();
        for (byte[] key : map.keySet()) {
            assertTrue(cursor.next());
            assertArrayEquals(key, cursor.keyBytes());
            assertArrayEquals(map.get(key), cursor.value().toBytes());
        }
        assertFalse(cursor.next());
    }

    @Test
    void valueThatCannotBeReadMustLeaveNothingBehind() {
        writer.put(new byte[] {1}, new byte[10]);
        ByteBuffer memory = ByteBuffer.allocateDirect(3_000_000).order(ByteOrder.LITTLE_ENDIAN);
        BytesView view = new BytesView();
        view.point(memory, 0, 3_000_000);
        memory.limit(2_500_000); // the owner takes a part of it away
        assertThrows(IndexOutOfBoundsException.class, () -> writer.put(view, 0, 4, view, 0, 3_000_000));
        assertTrue(writer.isWhole());
        assertEquals(1, CheckedTree.check(pages, root).records());
    }

    @Test
    void halfDoneChangeMustRefuseTheNext() {
        for (int i = 0; i < 3000; i++) {
            writer.put(new byte[] {(byte) (i >> 8), (byte) i}, new byte[30]);
        }
        MemoryPages damaged = pages.damagedCopy();
        Node node = new Node();
        damaged.read(root, node.ref);
        node.open(root, 4096, -1);
        damaged.bytes(node.child(node.count / 2)).putShort(NodeLayout.COUNT, (short) 3000);
        TreeWriter broken = new TreeWriter(damaged, root);
        assertThrows(RuntimeException.class, broken::clear);
        assertFalse(broken.isWhole());
        assertThrows(IllegalStateException.class, () -> broken.put(new byte[] {0}, new byte[0]));
        assertThrows(IllegalStateException.class, () -> broken.delete(new byte[] {0}));
        assertThrows(IllegalStateException.class, broken::clear);
        WeakReference<byte[]> refused = refused(broken);
        for (int i = 0; i < 100 && refused.get() != null; i++) {
            System.gc();
        }
        assertTrue(refused.get() == null, "a writer that is kept must not keep a value");
        broken.reset();
        assertTrue(broken.isWhole(), "it serves another transaction then");
    }

    private static WeakReference<byte[]> refused(TreeWriter broken) {
        byte[] value = new byte[1 << 20];
        assertThrows(IllegalStateException.class, () -> broken.put(new byte[] {0}, value));
        return new WeakReference<>(value);
    }

    @Test
    void writerThatIsKeptMustSeeWhatTheNextTransactionSees() {
        for (int i = 0; i < 500; i++) {
            writer.put(new byte[] {(byte) i, (byte) (i >> 8)}, new byte[60]);
        }
        TreeCursor cursor = writer.tree().cursor();
        cursor.seek(new byte[] {100});
        new TreeWriter(pages, root).deleteRange(new byte[] {50}, new byte[] {(byte) 200}); // another's doing
        writer.reset();
        assertFalse(cursor.isOn(), "its entry is gone");
        assertTrue(cursor.next());
        assertArrayEquals(new byte[] {(byte) 200, 0}, cursor.keyBytes());
        cursor.reset();
        assertTrue(cursor.next());
        assertArrayEquals(new byte[] {0, 0}, cursor.keyBytes());
    }
}
