package dev.quire.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quire.Instance;
import dev.quire.WriteTransaction;
import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.page.PageLayout;
import dev.quire.io.page.PageRef;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Fear: a damaged tree leads to a page twice, both are freed, and what is given out next belongs to two. */
class FreedTwiceTest {

    private static final Path ROOT = Path.of("/sim").toAbsolutePath();

    private long page;
    private long extent;

    @Test
    void whatIsFreeOrOfAnotherKindMustNotBeFreed() {
        try (Instance instance = Instance.configure(ROOT.resolve("here"))
                .storage(new SimDisk(ROOT))
                .background(false)
                .memoryBytes(8 << 20)
                .logGenerationBytes(1 << 20)
                .open()) {
            instance.createDatabase("db");
            try (WriteTransaction tx = instance.beginWrite()) {
                ChangedPages pages = changes(instance, tx);
                page = pages.allocate(PageLayout.TYPE_RAW, new PageRef());
                extent = pages.allocateExtent(3, new PageRef());
                tx.commit();
            }
            instance.checkpoint();
            try (WriteTransaction tx = instance.beginWrite()) {
                ChangedPages pages = changes(instance, tx);
                for (long each : new long[] {page, extent}) {
                    pages.free(each);
                    refused(() -> pages.free(each));
                }
            }
            try (WriteTransaction tx = instance.beginWrite()) {
                ChangedPages pages = changes(instance, tx);
                pages.free(extent);
                assertEquals(extent, pages.allocate(PageLayout.TYPE_RAW, new PageRef()));
                refused(() -> new AllocationMaps(pages).free(extent, 3));
            }
        }
    }

    private static ChangedPages changes(Instance instance, WriteTransaction tx) {
        tx.rawPages(instance.database("db"));
        return instance.engine().databases().iterator().next().changes();
    }

    private static void refused(Runnable free) {
        CorruptionException e = assertThrows(CorruptionException.class, free::run);
        assertEquals(QuireError.DATABASE_CORRUPTED, e.error());
    }
}
