package dev.quire.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.BytesView;
import dev.quire.io.LimitException;
import dev.quire.io.MutableBytesView;
import dev.quire.io.QuireError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeValueTest {

    private static final byte[] KEY = {1, 2, 3};
    private static final int MIB = 1024 * 1024;

    private final TreeValue value = new TreeValue();
    private final BytesView view = new BytesView();

    @ParameterizedTest(name = "page size {0}")
    @ValueSource(ints = {4096, 8192, 16384, 32768, 65536})
    void valuesOfEveryLengthMustComeBackWhole(int pageSize) {
        MemoryPages pages = new MemoryPages(pageSize);
        long root = TreeWriter.create(pages);
        TreeWriter writer = new TreeWriter(pages, root);
        int inline = Tree.inlineBytesMax(pageSize) - KEY.length;
        int extent = MIB - 32;
        int[] lengths = {
            0,
            1,
            100,
            inline - 1,
            inline,
            inline + 1,
            pageSize - 33,
            pageSize - 32,
            pageSize - 31,
            3 * pageSize - 32,
            extent - 1,
            extent,
            extent + 1,
            2 * extent,
            8 * extent,
            8 * extent + 1,
            9 * extent + 77
        };
        for (int length : lengths) {
            byte[] bytes = bytes(length);
            writer.put(KEY, bytes);
            assertTrue(writer.tree().find(KEY, value));
            assertEquals(length, value.length());
            int parts = Math.max(1, (length + extent - 1) / extent);
            assertEquals(length <= inline ? 1 : parts, value.parts());
            checkParts(bytes);
            TreeCheck.Stats stats = CheckedTree.check(pages, root);
            assertEquals(length <= inline ? 0 : parts + (parts > 8 ? 1 : 0), stats.extents());
        }
        assertTrue(writer.delete(KEY));
        assertEquals(0, CheckedTree.check(pages, root).extents(), "extents must be freed with the record");
    }

    private void checkParts(byte[] bytes) {
        assertArrayEquals(bytes, value.toBytes());
        int from = 0;
        for (int part = 0; part < value.parts(); part++) {
            value.part(part, view);
            byte[] piece = new byte[view.capacity()];
            view.getBytes(0, piece);
            assertArrayEquals(Arrays.copyOfRange(bytes, from, from + piece.length), piece);
            from += piece.length;
        }
        assertEquals(bytes.length, from);
        assertThrows(IllegalArgumentException.class, () -> value.part(value.parts(), view));
        assertThrows(IllegalArgumentException.class, () -> value.part(-1, view));
        if (value.parts() == 1) {
            value.view(view);
            assertEquals(bytes.length, view.capacity());
        } else {
            assertThrows(IllegalStateException.class, () -> value.view(view));
        }
    }

    @Test
    void piecesMustBeCopiedFromAnywhere() {
        MemoryPages pages = new MemoryPages(4096);
        TreeWriter writer = new TreeWriter(pages, TreeWriter.create(pages));
        Random random = new Random(1);
        for (int length : new int[] {500, 5000, 3 * MIB}) {
            byte[] bytes = bytes(length);
            writer.put(KEY, bytes);
            assertTrue(writer.tree().find(KEY, value));
            for (int i = 0; i < 300; i++) {
                int from = i % 3 == 0 ? Math.min(length, (1 + i % 2) * (MIB - 32)) : random.nextInt(length + 1);
                from = Math.max(0, Math.min(length, from - random.nextInt(5)));
                int count = random.nextInt(Math.min(length - from, 9000) + 1);
                byte[] expected = Arrays.copyOfRange(bytes, from, from + count);
                checkCopies(from, expected);
            }
            assertThrows(IndexOutOfBoundsException.class, () -> value.copy(1, new byte[length], 0, length));
            assertThrows(IndexOutOfBoundsException.class, () -> value.copy(-1, new byte[length], 0, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> value.copy(0, new byte[2], 1, 2));
        }
    }

    private void checkCopies(int from, byte[] expected) {
        byte[] array = new byte[expected.length + 7];
        value.copy(from, array, 7, expected.length);
        assertArrayEquals(expected, Arrays.copyOfRange(array, 7, array.length));
        ByteBuffer buffer = ByteBuffer.allocateDirect(expected.length + 5).order(ByteOrder.LITTLE_ENDIAN);
        value.copy(from, buffer, 5, expected.length);
        byte[] read = new byte[expected.length];
        buffer.get(5, read);
        assertArrayEquals(expected, read);
        assertEquals(0, buffer.position());
        MutableBytesView target = new MutableBytesView();
        ByteBuffer other = ByteBuffer.allocateDirect(expected.length + 5).order(ByteOrder.LITTLE_ENDIAN);
        target.point(other, 0, expected.length + 5);
        value.copy(from, target, 5, expected.length);
        target.getBytes(5, read);
        assertArrayEquals(expected, read);
    }

    @Test
    void valuesMustBeTakenFromBuffersAnywhere() {
        MemoryPages pages = new MemoryPages(4096);
        long root = TreeWriter.create(pages);
        TreeWriter writer = new TreeWriter(pages, root);
        byte[] bytes = bytes(2 * MIB);
        ByteBuffer memory = ByteBuffer.allocateDirect(2 * MIB + 10).order(ByteOrder.LITTLE_ENDIAN);
        memory.put(10, bytes);
        view.point(memory, 2, 2 * MIB + 8);
        for (int length : new int[] {0, 17, 3000, 40_000, 2 * MIB}) {
            boolean first = length == 0;
            assertEquals(first, writer.put(view, 8, 3, view, 8, length));
            assertTrue(writer.tree().find(view, 8, 3, value));
            assertArrayEquals(Arrays.copyOf(bytes, length), value.toBytes());
            assertFalse(writer.putIfAbsent(view, 8, 3, view, 8, length));
        }
        CheckedTree.check(pages, root);
        assertTrue(writer.delete(view, 8, 3));
        assertTrue(writer.putIfAbsent(view, 8, 3, view, 8, 10));
        assertThrows(IndexOutOfBoundsException.class, () -> writer.put(view, 8, 3, view, 8, 2 * MIB + 1));
        assertThrows(IndexOutOfBoundsException.class, () -> writer.put(view, 2 * MIB + 6, 3, view, 8, 1));
        assertTrue(writer.isWhole());
    }

    /** A view of the tree itself may be what is put: pages move while it is read. */
    @Test
    void valueMayComeFromTheTreeThatIsChanged() {
        MemoryPages pages = new MemoryPages(4096);
        long root = TreeWriter.create(pages);
        TreeWriter writer = new TreeWriter(pages, root);
        BytesView key = new BytesView();
        for (int length : new int[] {300, 6000}) {
            byte[] bytes = bytes(length);
            writer.put(new byte[] {0}, bytes);
            for (int i = 1; i < 100; i++) {
                TreeCursor cursor = writer.tree().cursor();
                cursor.seekExact(new byte[] {(byte) (i - 1)});
                cursor.value(view);
                cursor.key(key);
                byte[] next = {(byte) i};
                DirectBuffer source = view;
                ByteBuffer keyMemory = ByteBuffer.wrap(next).order(ByteOrder.LITTLE_ENDIAN);
                key.point(keyMemory, 0, 1);
                writer.put(key, 0, 1, source, 0, length);
                assertTrue(writer.tree().find(next, value));
                assertArrayEquals(bytes, value.toBytes());
            }
        }
        CheckedTree.check(pages, root);
    }

    @Test
    void limitsMustBeNamed() {
        MemoryPages pages = new MemoryPages(4096);
        TreeWriter writer = new TreeWriter(pages, TreeWriter.create(pages));
        int max = Tree.keyBytesMax(4096);
        assertTrue(writer.put(new byte[max], new byte[9]));
        LimitException tooLong = assertThrows(LimitException.class, () -> writer.put(new byte[max + 1], new byte[9]));
        assertEquals(QuireError.KEY_TOO_BIG, tooLong.error());
        assertThrows(LimitException.class, () -> writer.tree().find(new byte[max + 1], value));
        assertThrows(LimitException.class, () -> writer.delete(new byte[max + 1]));
        assertThrows(IllegalArgumentException.class, () -> writer.put(new byte[0], new byte[9]));
        assertThrows(IllegalArgumentException.class, () -> writer.tree().find(new byte[0], value));
        assertThrows(
                IllegalArgumentException.class, () -> writer.tree().cursor().seek(new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> writer.deleteRange(new byte[0], null));
        assertEquals(1 << 30, Tree.valueBytesMax());
        view.point(ByteBuffer.allocateDirect(Tree.valueBytesMax() + 1).order(ByteOrder.LITTLE_ENDIAN), 0, 1 << 30 | 1);
        LimitException tooLarge =
                assertThrows(LimitException.class, () -> writer.put(view, 0, 1, view, 0, view.capacity()));
        assertEquals(QuireError.RECORD_TOO_BIG, tooLarge.error());
        assertThrows(IllegalArgumentException.class, () -> new TreeWriter(pages, 9, new TreeScratch(8192)));
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
