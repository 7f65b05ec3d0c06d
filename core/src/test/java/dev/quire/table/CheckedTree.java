package dev.quire.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quire.pages.PageReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A {@link TreeCheck} that must find nothing. */
final class CheckedTree {

    private CheckedTree() {}

    /** Collects what a check reports. */
    static final class Findings implements TreeCheck.Report {
        final Map<Long, Integer> used = new TreeMap<>();
        final List<String> faults = new ArrayList<>();

        @Override
        public boolean use(long page, int pages) {
            return used.putIfAbsent(page, pages) == null;
        }

        @Override
        public void fault(long page, String message) {
            faults.add("page " + page + ": " + message);
        }
    }

    /** Checks trees in the same pages: no fault, and pages in use are exactly theirs. */
    static TreeCheck.Stats check(MemoryPages pages, long... roots) {
        Findings findings = new Findings();
        TreeCheck.Stats stats = null;
        for (long root : roots) {
            stats = new TreeCheck(pages, findings).check(root);
        }
        assertEquals(List.of(), findings.faults);
        assertEquals(pages.inUse(), findings.used, "pages in use against those of the trees");
        return stats;
    }

    /** Checks a tree for faults alone. */
    static Findings find(PageReader pages, long root) {
        Findings findings = new Findings();
        new TreeCheck(pages, findings).check(root);
        return findings;
    }
}
