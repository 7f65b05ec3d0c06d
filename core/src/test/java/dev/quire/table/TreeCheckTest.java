package dev.quire.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.page.PageLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A check that finds nothing must mean something: every kind of fault is planted and must be reported. */
class TreeCheckTest {

    private final MemoryPages pages = new MemoryPages(4096);
    private final long root = TreeWriter.create(pages);
    private final List<Long> leaves = new ArrayList<>();
    private long branch;

    @BeforeEach
    void plant() {
        TreeWriter writer = new TreeWriter(pages, root);
        for (int i = 0; i < 5000; i++) {
            writer.put(key(i >> 4, i * 31L), new byte[i % 50 == 0 ? 3000 : 40]);
            if (i % 3 == 0) {
                writer.delete(key(i >> 6, i * 7L));
            }
        }
        TreeCheck.Stats stats = CheckedTree.check(pages, root);
        assertEquals(3, stats.levels(), stats::toString);
        pages.commit();
        for (Map.Entry<Long, Integer> page : pages.inUse().entrySet()) {
            Node node = open(page.getKey());
            if (node != null && node.isLeaf()) {
                leaves.add(page.getKey());
            } else if (node != null && node.level == 1 && node.lowLength() > 0 && node.highLength() > 0) {
                branch = page.getKey();
            }
        }
        assertTrue(branch > 0, "a branch in the middle");
    }

    /** Long ones, all alike in front: prefixes, and branches of few children. */
    private static byte[] key(int high, long low) {
        return ByteBuffer.allocate(70)
                .putShort(60, (short) high)
                .putLong(62, low)
                .array();
    }

    private Node open(long page) {
        Node node = new Node();
        pages.read(page, node.ref);
        if (node.ref.base.get(node.ref.offset + PageLayout.TYPE_OFFSET) == PageLayout.TYPE_EXTENT) {
            return null;
        }
        node.open(page, 4096, -1);
        return node;
    }

    @Test
    void everyBitThatGuidesASearchMustBeHeldAgainstTheRest() {
        for (long page : List.of(branch, leaves.get(1), leaves.get(leaves.size() / 2), root)) {
            Node node = open(page);
            assertFaults(page, NodeLayout.COUNT, NodeLayout.slot(node.count));
            assertFaults(page, NodeLayout.heads(node.count), NodeLayout.arraysEnd(node.count));
            assertFaults(page, 4096 - node.lowLength() - node.highLength(), 4096);
            for (int slot = 0; slot < node.count; slot += 5) {
                node.select(slot);
                assertFaults(page, node.cell, node.cell + 1); // the low bits of the key's length
                assertFaults(page, node.cell + 2, node.cell + 4);
                int compared = Math.min(node.keyLength, node.prefix + 8);
                assertFaults(page, node.keyAt() - node.at, node.keyAt() - node.at + compared);
            }
        }
    }

    private void assertFaults(long page, int from, int to) {
        for (int i = from; i < to; i++) {
            MemoryPages damaged = pages.damagedCopy();
            ByteBuffer bytes = damaged.bytes(page);
            bytes.put(i, (byte) (bytes.get(i) ^ 1 << (5 * i & 7)));
            assertFalse(CheckedTree.find(damaged, root).faults.isEmpty(), "page " + page + " byte " + i);
        }
    }

    @Test
    void recordInTheLeafBesideMustBeReported() {
        MemoryPages damaged = pages.damagedCopy();
        WritableNode leaf = new WritableNode();
        damaged.modify(leaves.get(3), leaf.ref);
        leaf.openToChange(leaves.get(3), 4096, 0);
        leaf.remove(0, leaf.count - 1);
        Key key = new Key();
        open(leaves.get(leaves.size() - 1)).key(0, key);
        leaf.insert(leaf.count, key, ValueLayout.INLINE, new byte[1], 0, 1, new TreeScratch(4096));
        assertFalse(CheckedTree.find(damaged, root).faults.isEmpty());
    }

    @Test
    void emptyLeafMustBeReported() {
        MemoryPages damaged = pages.damagedCopy();
        WritableNode leaf = new WritableNode();
        damaged.modify(leaves.get(3), leaf.ref);
        leaf.openToChange(leaves.get(3), 4096, 0);
        leaf.remove(0, leaf.count);
        assertEquals(1, CheckedTree.find(damaged, root).faults.size());
    }

    @Test
    void valueInAnExtentThatIsTooShortOrSomebodyElsesMustBeReported() {
        int found = 0;
        long first = 0;
        for (long page : leaves) {
            Node node = open(page);
            for (int slot = 0; slot < node.count; slot++) {
                node.select(slot);
                if (node.form == ValueLayout.EXTENT) {
                    int at = node.valueAt() - node.at;
                    MemoryPages damaged = pages.damagedCopy();
                    damaged.bytes(page).putInt(at + ValueLayout.LENGTH, 4065);
                    assertEquals(1, CheckedTree.find(damaged, root).faults.size());
                    if (first != 0) {
                        damaged = pages.damagedCopy();
                        damaged.bytes(page).putLong(at + ValueLayout.PAGE, first);
                        assertEquals(1, CheckedTree.find(damaged, root).faults.size());
                        found++;
                    }
                    first = node.base.getLong(node.valueAt() + ValueLayout.PAGE);
                }
            }
        }
        assertTrue(found > 0);
    }

    @Test
    void everyPageMustBeToldOnce() {
        CheckedTree.Findings findings = CheckedTree.find(pages, root);
        assertEquals(pages.inUse(), findings.used);
    }
}
