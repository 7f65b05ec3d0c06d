package dev.quire.table;

import dev.quire.io.BytesView;
import dev.quire.io.CorruptionException;
import dev.quire.io.page.PageRef;
import dev.quire.pages.PageReader;
import java.util.Objects;

/**
 * Walks a whole tree and holds every page against its layout, its parent and its neighbours: levels, fences, prefixes,
 * heads, the order and the bounds of cells, and that values are where the leaves say. Reports every fault and goes on
 * with what can still be reached; what pages hold never makes it throw, and no page is walked twice.
 */
public final class TreeCheck {

    /** Takes what the check finds, in the order of the keys. */
    public interface Report {

        /**
         * A page, or an extent of {@code pages} pages, is in use by the tree.
         *
         * @return false if it was in use already: the check reports the fault and does not look into it again
         */
        boolean use(long page, int pages);

        /** Something is wrong with a page. */
        void fault(long page, String message);
    }

    /**
     * What a tree consists of, as far as it could be walked.
     *
     * @param levels 1 for a tree that is a single leaf
     * @param leafBytes bytes of leaves in use, their headers not counted
     * @param extentPages pages in all extents
     */
    public record Stats(
            long records, int levels, long leaves, long branches, long leafBytes, long extents, long extentPages) {}

    private final PageReader reader;
    private final Report report;
    private final int pageSize;
    private final PageRef extent = new PageRef();
    private final BytesView view = new BytesView();
    private final TreeValue value = new TreeValue();

    private long records;
    private int levels;
    private long leaves;
    private long branches;
    private long leafBytes;
    private long extents;
    private long extentPages;
    private boolean fresh;

    /** A check of trees in these pages. */
    public TreeCheck(PageReader reader, Report report) {
        this.reader = Objects.requireNonNull(reader);
        this.report = Objects.requireNonNull(report);
        pageSize = reader.pageSize();
    }

    /** Checks the tree whose root is in page {@code root}. */
    public Stats check(long root) {
        records = leaves = branches = leafBytes = extents = extentPages = levels = 0;
        walk(root, -1, new Key(), new Key());
        return new Stats(records, levels, leaves, branches, leafBytes, extents, extentPages);
    }

    /** Checks a subtree; {@code low} and {@code high} are what its parent says belongs there, empty for no bound. */
    private void walk(long page, int level, Key low, Key high) {
        if (!report.use(page, 1)) {
            report.fault(page, "in use twice");
            return;
        }
        Node node = new Node();
        try {
            reader.read(page, node.ref);
            node.open(page, pageSize, level);
            if (level < 0) {
                levels = node.level + 1;
            }
            new NodeCheck(node, message -> report.fault(page, message)).check(level < 0, low, high);
        } catch (CorruptionException fault) {
            report.fault(page, fault.getMessage());
            return;
        } catch (IndexOutOfBoundsException fault) {
            report.fault(page, Damage.from(page, fault).getMessage());
            return;
        }
        if (node.isLeaf()) {
            leaf(node);
        } else {
            branch(node, low, high);
        }
    }

    private void branch(Node node, Key low, Key high) {
        branches++;
        for (int slot = 0; slot < node.count; slot++) {
            Key childLow = new Key();
            Key childHigh = new Key();
            long child;
            try {
                if (slot == 0) {
                    childLow.set(low);
                } else {
                    node.key(slot, childLow);
                }
                if (slot + 1 == node.count) {
                    childHigh.set(high);
                } else {
                    node.key(slot + 1, childHigh);
                }
                child = node.child(slot);
            } catch (CorruptionException fault) {
                continue; // was reported with the node
            }
            walk(child, node.level - 1, childLow, childHigh);
        }
    }

    private void leaf(Node node) {
        leaves++;
        leafBytes += node.used();
        records += node.count;
        for (int slot = 0; slot < node.count; slot++) {
            try {
                node.select(slot);
                if (node.form != ValueLayout.INLINE) {
                    longValue(node);
                }
            } catch (CorruptionException fault) {
                report.fault(node.page, "slot=" + slot + ": " + fault.getMessage());
            } catch (IndexOutOfBoundsException fault) {
                report.fault(node.page, Damage.from(node.page, fault).getMessage());
            }
        }
    }

    /** Checks that the extents of a value are there, long enough, and its alone. */
    private void longValue(Node node) {
        value.set(reader, node);
        fresh = true;
        value.index(this::extent);
        for (int part = 0; part < value.parts() && fresh; part++) {
            extent(value.partPage(part));
            value.part(part, view);
        }
    }

    private void extent(long page) {
        reader.read(page, extent);
        fresh = report.use(page, extent.length / pageSize);
        if (!fresh) {
            report.fault(page, "in use twice");
        }
        extents++;
        extentPages += extent.length / pageSize;
    }
}
