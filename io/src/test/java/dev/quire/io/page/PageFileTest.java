package dev.quire.io.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.quire.io.CorruptionException;
import dev.quire.io.FileStorage;
import dev.quire.io.Storage;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page file on the file system, with maps that are maps. */
class PageFileTest extends FirstTouchContract {

    @TempDir
    Path directory;

    @Override
    Storage storage() {
        return FileStorage.instance();
    }

    @Override
    Path directory() {
        return directory;
    }

    @Test
    void findingAPageMustAllocateNothing() {
        Sealed.fill(file, 2, 40);
        PageRef ref = new PageRef();
        long sum = touch(ref, 20_000); // let the compiler have it first
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(self);
        long overhead = threads.getThreadAllocatedBytes(self) - before;
        before = threads.getThreadAllocatedBytes(self);
        sum += touch(ref, 20_000);
        assertEquals(overhead, threads.getThreadAllocatedBytes(self) - before);
        assertEquals(40_000L / 40 * (39 * 40 / 2), sum);
    }

    private long touch(PageRef ref, int count) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            long page = i % 40;
            file.setVersioned(page);
            sum += file.state(page) == PageFile.VERSIONED ? page : 0;
            file.clearVersioned(page);
            file.find(page, ref);
            sum += ref.length - PAGE_SIZE;
        }
        return sum;
    }

    @Test
    void anExtentMustNotBeLongerThanOneMayBe() {
        file.close();
        DatabaseHeader header = DatabaseHeader.read(storage, path);
        file = PageFile.open(storage, path, header);
        file.grow(600);
        int most = PageLayout.EXTENT_BYTES_MAX / PAGE_SIZE;
        Sealed.extent(file, 2, most);
        file.verify(2);
        assertFound(2, most);
        Sealed.extent(file, 300, most + 1);
        fault(300);
        assertThrows(CorruptionException.class, () -> file.findExtent(300, most + 1, new PageRef()));
    }

    @Test
    void aLastPageThatIsSealedAsTwoSmallerOnesMustBeReported() {
        Path other = directory.resolve("other.qdb");
        try (PageFile larger = PageFile.create(storage, other, DatabaseHeader.create(2 * PAGE_SIZE, 9, 1), 10)) {
            larger.write(Sealed.page(PAGE_SIZE, 2, 9, 9), 9);
            CorruptionException fault = assertThrows(CorruptionException.class, () -> larger.verify(9));
            assertTrue(fault.getMessage().contains("pages=2"), fault.getMessage());
        }
    }
}
