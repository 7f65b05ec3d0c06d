package dev.quire.io.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
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
}
