package dev.quire;

import dev.quire.io.Progress;
import dev.quire.io.QuireException;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import dev.quire.io.page.PageRef;
import dev.quire.pages.AllocationLayout;
import dev.quire.pages.AllocationScan;
import dev.quire.pages.RootsLayout;
import dev.quire.pages.SnapshotPages;
import dev.quire.table.Catalog;
import dev.quire.table.TreeCheck;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Checks databases as one snapshot sees them: headers, every page that an allocation map has in use, every tree, and
 * that maps and trees agree on which pages those are. Goes on behind a fault.
 */
final class Check {

    private static final int FAULTS_MAX = 10_000;

    private final Instance instance;
    private final List<Database> databases;
    private final CheckSteps steps;
    private final List<CheckReport.Fault> faults = new ArrayList<>();
    private long pageCount;
    private int tableCount;
    private long entryCount;

    private Check(Instance instance, Progress progress) {
        this.instance = instance;
        this.databases = instance.databases();
        this.steps = new CheckSteps(
                progress, databases.stream().mapToLong(Database::fileBytes).sum());
    }

    /** Checks all databases that are attached; none of them can be taken away meanwhile. */
    static CheckReport of(Instance instance, Progress progress) {
        try (ReadTransaction tx = instance.beginRead()) {
            return new Check(instance, progress).run(tx);
        }
    }

    private CheckReport run(ReadTransaction tx) {
        List<OfDatabase> checks =
                databases.stream().map(each -> new OfDatabase(tx, each)).toList();
        checks.forEach(OfDatabase::walk);
        steps.begin(Progress.Phase.VERIFY);
        checks.forEach(OfDatabase::verify);
        steps.end();
        return new CheckReport(databases.size(), pageCount, tableCount, entryCount, List.copyOf(faults));
    }

    /** The state of checking one database. */
    private final class OfDatabase implements TreeCheck.Report {

        private final Database database;
        private final SnapshotPages pages;
        private final AllocationScan maps;
        private final PageRef ref = new PageRef();
        /** By region: pages that something reachable uses. */
        private final List<BitSet> used = new ArrayList<>();

        OfDatabase(ReadTransaction tx, Database database) {
            this.database = database;
            this.pages = (SnapshotPages) tx.pages(database);
            this.maps = new AllocationScan(pages, database.pages().file().pageCount());
        }

        /** Follows everything that leads somewhere. */
        void walk() {
            header();
            try {
                for (int region = 0; region < maps.regions(); region++) {
                    used.add(new BitSet(maps.regionPages()));
                    use(AllocationLayout.mapPage(region, pages.pageSize()), 1);
                }
                for (long page = 0; page <= RootsLayout.PAGE; page++) {
                    use(page, 1);
                }
                trees();
            } catch (QuireException e) {
                steps.check();
                fault(-1, e.getMessage());
            }
            steps.check();
        }

        /** Looks at every page that a map has in use. */
        void verify() {
            for (int region = 0; region < used.size(); region++) {
                region(region);
            }
        }

        private void header() {
            try {
                instance.engine().threads().run(this::readHeader);
            } catch (QuireException e) {
                fault(0, e.getMessage());
            }
        }

        /** Nobody may be writing it meanwhile. */
        private void readHeader() {
            instance.engine().checkpointer().hold();
            try {
                DatabaseHeader.read(
                        instance.engine().settings().storage(),
                        database.pages().file().path(),
                        damage -> fault(-1, damage.getMessage()));
            } finally {
                instance.engine().checkpointer().resume();
            }
        }

        private void trees() {
            long root = Tables.catalogRoot(pages);
            if (root == 0) {
                return;
            }
            TreeCheck check = new TreeCheck(pages, this);
            check.check(root);
            for (Catalog.Entry entry : new Catalog(pages, root).entries()) {
                entryCount += check.check(entry.root()).records();
                tableCount++;
            }
        }

        private void region(int region) {
            byte[] entries = new byte[maps.regionPages()];
            try {
                maps.read(region, entries);
            } catch (QuireException e) {
                fault(AllocationLayout.mapPage(region, pages.pageSize()), e.getMessage());
                return;
            }
            long base = (long) region * entries.length;
            for (int i = 0; i < entries.length; i++) {
                steps.done(pages.pageSize());
                boolean reachable = used.get(region).get(i);
                if (entries[i] == AllocationLayout.PAGE || entries[i] == AllocationLayout.EXTENT) {
                    page(base + i, reachable);
                } else if (entries[i] == AllocationLayout.FREE && reachable) {
                    fault(base + i, "is in use, but the allocation map has it as free");
                }
            }
        }

        private void page(long page, boolean reachable) {
            if (page < RootsLayout.PAGE) {
                return;
            }
            pageCount++;
            steps.read(pages.pageSize());
            try {
                pages.verify(page);
                pages.read(page, ref);
                if (!reachable && PageHeader.type(ref.base, ref.offset) != PageLayout.TYPE_RAW) {
                    fault(page, "is allocated, but nothing leads to it");
                }
            } catch (QuireException e) {
                fault(page, e.getMessage());
            }
        }

        @Override
        public boolean use(long page, int count) {
            steps.read((long) count * pages.pageSize());
            steps.done((long) count * pages.pageSize());
            boolean fresh = true;
            for (long each = page; each < page + count; each++) {
                long region = each / maps.regionPages();
                if (each < 0 || region >= used.size()) {
                    fault(page, "lies outside of the allocation maps");
                    return false;
                }
                BitSet bits = used.get((int) region);
                int index = (int) (each % maps.regionPages());
                fresh &= !bits.get(index);
                bits.set(index);
            }
            return fresh;
        }

        @Override
        public void fault(long page, String message) {
            if (faults.size() < FAULTS_MAX) {
                faults.add(new CheckReport.Fault(database.name(), page, message));
            }
        }
    }
}
