package dev.quire.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.BytesView;
import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.page.PageLayout;
import dev.quire.io.page.PageRef;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Fear: a page whose checksum is right but whose content is hostile, or a mapped load that returned garbage, leads out
 * of a page, round in circles, or to pages of others. Method: every byte of every page of a tree is changed, one at a
 * time and many at once; everything a user can do is done with the result. It may find other records or be told of
 * corruption; any other exception, a step without end or a touched page of the engine is the failure.
 */
class TreeDamageTest {

    private static final int RECORDS = 90;

    private final MemoryPages pages = new MemoryPages(4096);
    private final long root = TreeWriter.create(pages);
    private final List<byte[]> keys = new ArrayList<>();
    private final BytesView view = new BytesView();

    @BeforeEach
    void plant() {
        TreeWriter writer = new TreeWriter(pages, root);
        for (int i = 0; i < RECORDS; i++) {
            String beginning = "x".repeat(i % 3 == 0 ? 3 : 460); // separators of both lengths
            byte[] key = (i % 9 + beginning + i).getBytes(StandardCharsets.US_ASCII);
            keys.add(key);
            writer.put(key, new byte[i % 11 == 5 ? 4500 : 120]);
        }
        writer.put(keys.get(50), new byte[3 * 1024 * 1024]);
        writer.put(keys.get(51), new byte[9 * 1024 * 1024]);
        assertEquals(3, CheckedTree.check(pages, root).levels());
    }

    @ParameterizedTest(name = "byte ^ {0}")
    @ValueSource(ints = {0xFF, 0x01})
    void everyChangedByteMustBeSurvived(int flip) {
        for (long page : victims()) {
            for (int i = PageLayout.HEADER_BYTES; i < 4096; i++) {
                MemoryPages damaged = pages.damagedCopy();
                ByteBuffer bytes = damaged.bytes(page);
                bytes.put(i, (byte) (bytes.get(i) ^ flip));
                read(damaged);
                write(damaged, i % 5);
            }
        }
    }

    /** All branches, the leaves with the longest values, and the extents that say where these are. */
    private List<Long> victims() {
        List<Long> victims = new ArrayList<>();
        Node node = new Node();
        for (long page : pages.inUse().keySet()) {
            pages.read(page, node.ref);
            int type = node.ref.base.get(node.ref.offset + PageLayout.TYPE_OFFSET);
            boolean victim = type == PageLayout.TYPE_EXTENT && node.ref.length == 4096; // of an index
            if (type != PageLayout.TYPE_EXTENT) {
                node.open(page, 4096, -1);
                victim = !node.isLeaf();
                for (int slot = 0; slot < node.count; slot++) {
                    node.select(slot);
                    victim |= node.form > ValueLayout.EXTENT;
                }
            }
            if (victim) {
                victims.add(page);
            }
        }
        return victims;
    }

    @Test
    void typesMustBeHeldAgainstWhatAPageIsUsedFor() {
        for (Map.Entry<Long, Integer> page : pages.inUse().entrySet()) {
            for (int type = 0; type < 10; type++) {
                MemoryPages damaged = pages.damagedCopy();
                int before = damaged.bytes(page.getKey()).get(PageLayout.TYPE_OFFSET);
                damaged.bytes(page.getKey()).put(PageLayout.TYPE_OFFSET, (byte) type);
                boolean wrong = type != before && !(page.getKey() == root && type == PageLayout.TYPE_BRANCH);
                assertEquals(
                        wrong, !CheckedTree.find(damaged, root).faults.isEmpty(), "type " + type + " for " + before);
                read(damaged);
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void manyChangedBytesMustBeSurvived(long seed) {
        Random random = new Random(seed);
        List<Long> all = new ArrayList<>(pages.inUse().keySet());
        for (int round = 0; round < 1500; round++) {
            MemoryPages damaged = pages.damagedCopy();
            for (int i = 1 + random.nextInt(12); i > 0; i--) {
                ByteBuffer bytes = damaged.bytes(all.get(random.nextInt(all.size())));
                boolean inHeader = random.nextBoolean();
                int at = PageLayout.HEADER_BYTES + random.nextInt(inHeader ? 64 : 4064);
                int value = random.nextInt(3) == 0 ? random.nextInt(200) : random.nextInt();
                if (random.nextBoolean()) {
                    bytes.put(at, (byte) value);
                } else {
                    bytes.putShort(Math.min(at, 4094) & -2, (short) value);
                }
            }
            useAll(damaged);
        }
    }

    /** Everything, changes one after the other on pages of their own. */
    private void useAll(MemoryPages damaged) {
        read(damaged);
        for (int what = 0; what < 5; what++) {
            write(damaged.damagedCopy(), what);
        }
    }

    private void read(MemoryPages damaged) {
        CheckedTree.find(damaged, root);
        Tree tree = new Tree(damaged, root);
        TreeValue value = new TreeValue();
        for (int i = 0; i < RECORDS; i += 7) {
            int at = i;
            survive(() -> {
                if (tree.find(keys.get(at), value)) {
                    look(value);
                }
            });
        }
        survive(() -> scan(tree.cursor(), true));
        survive(() -> scan(tree.cursor(), false));
        survive(() -> {
            TreeCursor cursor = tree.cursor();
            cursor.seekFloor(keys.get(40));
            cursor.previous();
            cursor.seek(keys.get(41));
            cursor.next();
        });
    }

    private void look(TreeValue value) {
        for (int part = 0; part < Math.min(value.parts(), 12); part++) {
            value.part(part, view);
            if (view.capacity() > 0) {
                view.getByte(view.capacity() - 1);
            }
        }
    }

    private void scan(TreeCursor cursor, boolean forward) {
        int left = 100 * RECORDS;
        for (boolean on = forward ? cursor.first() : cursor.last();
                on;
                on = forward ? cursor.next() : cursor.previous()) {
            cursor.key(view);
            look(cursor.value());
            assertTrue(--left > 0, "a scan without end");
        }
    }

    private void write(MemoryPages damaged, int what) {
        TreeWriter writer = new TreeWriter(damaged, root);
        survive(() -> {
            switch (what) {
                case 0 -> {
                    for (int i = 0; i < RECORDS; i += 5) {
                        writer.put(keys.get(i), new byte[i * 5]);
                    }
                }
                case 1 -> {
                    for (int i = 0; i < RECORDS; i += 2) {
                        writer.delete(keys.get(i));
                    }
                }
                case 2 -> writer.deleteRange(keys.get(20), keys.get(70));
                case 3 -> writer.clear();
                default -> {
                    for (int i = 0; i < 60; i++) {
                        writer.put(("5xx" + i).getBytes(StandardCharsets.US_ASCII), new byte[300]);
                    }
                }
            }
        });
        if (!writer.isWhole()) {
            assertThrows(IllegalStateException.class, () -> writer.delete(keys.get(0)));
        }
        CheckedTree.find(damaged, root);
        damaged.commit(); // nothing was written around a page
    }

    private static void survive(Runnable use) {
        try {
            use.run();
        } catch (CorruptionException expected) {
            assertEquals(QuireError.DATABASE_CORRUPTED, expected.error());
        }
    }

    @Test
    void leafOfAnotherPlaceMustNotBeWritten() {
        MemoryPages damaged = pages.damagedCopy();
        Node top = new Node();
        damaged.read(root, top.ref);
        top.open(root, 4096, -1);
        long left = top.child(0);
        long right = top.child(top.count - 1);
        swapPayloads(damaged.bytes(left), damaged.bytes(right));
        TreeWriter writer = new TreeWriter(damaged, root);
        for (byte[] key : keys) {
            if (key[0] == '0' || key[0] == '8') {
                assertThrows(CorruptionException.class, () -> writer.put(key, new byte[10]));
                assertThrows(CorruptionException.class, () -> writer.delete(key));
            }
        }
        assertTrue(writer.isWhole(), "nothing was changed");
        assertThrows(CorruptionException.class, () -> scan(new Tree(damaged, root).cursor(), true));
        assertThrows(CorruptionException.class, () -> scan(new Tree(damaged, root).cursor(), false));
        assertThrows(CorruptionException.class, writer::clear);
    }

    private static void swapPayloads(ByteBuffer one, ByteBuffer two) {
        byte[] first = new byte[4064];
        byte[] second = new byte[4064];
        one.get(32, first);
        two.get(32, second);
        one.put(32, second);
        two.put(32, first);
    }

    /** Forty levels of branches, each with hundreds of slots for the same child: walked naively it never ends. */
    @Test
    void pagesWithManyParentsMustNotBeWalkedForEver() {
        for (boolean empty : new boolean[] {false, true}) {
            MemoryPages damaged = new MemoryPages(4096);
            long top = lattice(damaged, empty);
            damaged.lenient = true;
            CheckedTree.Findings findings = CheckedTree.find(damaged, top);
            assertFalse(findings.faults.isEmpty());
            assertEquals(NodeLayout.LEVEL_MAX + 1, findings.used.size());
            TreeCursor cursor = new Tree(damaged, top).cursor();
            assertThrows(CorruptionException.class, () -> scan(cursor, true));
            assertThrows(CorruptionException.class, () -> scan(cursor, false));
            TreeWriter writer = new TreeWriter(damaged.damagedCopy(), top);
            assertThrows(CorruptionException.class, writer::clear);
            assertFalse(writer.isWhole());
            TreeWriter ranges = new TreeWriter(damaged.damagedCopy(), top);
            assertThrows(CorruptionException.class, () -> ranges.deleteRange(new byte[] {0, 7}, new byte[] {0, 70}));
        }
    }

    private static long lattice(MemoryPages damaged, boolean empty) {
        Key none = new Key();
        Key key = new Key();
        WritableNode node = new WritableNode();
        long below = damaged.allocate(PageLayout.TYPE_LEAF, node.ref);
        node.reset(below, 0, none, none);
        if (!empty) {
            key.set(new byte[] {0, 1}, 0, 2);
            node.insert(0, key, ValueLayout.INLINE, new byte[3], 0, 3, new TreeScratch(4096));
        }
        for (int level = 1; level <= NodeLayout.LEVEL_MAX; level++) {
            long page = damaged.allocate(PageLayout.TYPE_BRANCH, node.ref);
            node.reset(page, level, none, none);
            node.append(none, below);
            for (int i = 1; i < 120; i++) {
                key.set(new byte[] {0, (byte) i}, 0, 2);
                node.append(key, below);
            }
            node.finish();
            below = page;
        }
        return below;
    }

    @Test
    void levelsMustDecreaseByOneOnEveryStep() {
        MemoryPages damaged = pages.damagedCopy();
        Node top = new Node();
        damaged.read(root, top.ref);
        top.open(root, 4096, -1);
        ByteBuffer bytes = damaged.bytes(root);
        top.child(0);
        bytes.putLong(top.valueAt() - top.at, root);
        CorruptionException fault = assertThrows(
                CorruptionException.class, () -> new Tree(damaged, root).find(new byte[] {1}, new TreeValue()));
        assertTrue(fault.getMessage().contains("level="), fault::getMessage);
    }

    @Test
    void referenceToAPageOfTheEngineMustNotFreeIt() {
        MemoryPages damaged = pages.damagedCopy();
        long leaf = 0;
        Node node = new Node();
        PageRef ref = node.ref;
        for (long page : damaged.inUse().keySet()) {
            damaged.read(page, ref);
            if (ref.base.get(ref.offset + PageLayout.TYPE_OFFSET) != PageLayout.TYPE_LEAF) {
                continue;
            }
            node.open(page, 4096, -1);
            for (int slot = 0; node.isLeaf() && slot < node.count; slot++) {
                node.select(slot);
                if (node.form == ValueLayout.EXTENT) {
                    leaf = page;
                    damaged.bytes(page).putLong(node.valueAt() - node.at + ValueLayout.PAGE, 3);
                }
            }
        }
        assertTrue(leaf > 0);
        TreeWriter writer = new TreeWriter(damaged, root);
        assertThrows(CorruptionException.class, () -> {
            for (byte[] key : keys) {
                writer.delete(key);
            }
        });
    }

    /** Two records to a leaf: it is empty before it is small enough to be merged. */
    @Test
    void branchThatLeadsToAnExtentMustNotHaveItChanged() {
        MemoryPages damaged = new MemoryPages(4096);
        TreeWriter writer = new TreeWriter(damaged, TreeWriter.create(damaged));
        for (int i = 0; i < 20; i++) {
            writer.put(new byte[] {(byte) i}, new byte[1700]);
        }
        long extent = damaged.allocateExtent(2, new PageRef());
        Node top = new Node();
        long page = writer.tree().root();
        damaged.read(page, top.ref);
        top.open(page, 4096, 1);
        top.child(0);
        damaged.bytes(page).putLong(top.valueAt() - top.at, extent);
        assertTrue(writer.delete(new byte[] {2}));
        assertThrows(CorruptionException.class, () -> writer.delete(new byte[] {3}));
        assertFalse(writer.isWhole());
    }

    @Test
    void cellsThatLieOverOneAnotherMustNotBePushedOutOfThePage() {
        MemoryPages damaged = new MemoryPages(4096);
        WritableNode node = new WritableNode();
        long page = damaged.allocate(PageLayout.TYPE_LEAF, node.ref);
        Key key = new Key();
        node.reset(page, 0, key, key);
        TreeScratch scratch = new TreeScratch(4096);
        for (int i = 0; i < 20; i++) {
            key.set(new byte[] {(byte) i}, 0, 1);
            node.insert(i, key, ValueLayout.INLINE, new byte[150], 0, 150, scratch);
        }
        ByteBuffer bytes = damaged.bytes(page);
        int cell = bytes.getShort(NodeLayout.SLOTS);
        bytes.putShort(cell + 2, (short) 1000);
        for (int i = 0; i < 20; i++) {
            bytes.putShort(NodeLayout.slot(i), (short) (cell - 900));
        }
        bytes.putInt(cell - 900, 1 | 1000 << 16);
        bytes.putInt(NodeLayout.DEAD, 3000);
        TreeWriter writer = new TreeWriter(damaged, page);
        assertThrows(CorruptionException.class, () -> writer.put(new byte[] {50}, new byte[1000]));
        damaged.commit();
    }

    @Test
    void listOfMorePartsThanAnExtentHoldsMustBeRefused() {
        for (int part : new int[] {0, 1, 8191, 1024 * 1024 + 1, -1}) {
            MemoryPages damaged = new MemoryPages(4096);
            long top = TreeWriter.create(damaged);
            WritableNode node = new WritableNode();
            damaged.modify(top, node.ref);
            node.openToChange(top, 4096, 0);
            ByteBuffer reference = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
            reference.putInt(ValueLayout.LENGTH, 1 << 30).putInt(ValueLayout.PART, part);
            Key key = new Key();
            key.set(new byte[] {1}, 0, 1);
            node.insert(0, key, ValueLayout.INDEXED, reference.array(), 0, 16, new TreeScratch(4096));
            Tree tree = new Tree(damaged, top);
            assertThrows(CorruptionException.class, () -> tree.find(new byte[] {1}, new TreeValue()), "part=" + part);
        }
    }
}
