package dev.quire.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.quire.io.BytesView;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Lookups, steps and puts that fit their page allocate nothing, from the first time on that their buffers are grown.
 */
class AllocationTest {

    private static final int RECORDS = 5000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final MemoryPages pages = new MemoryPages(8192);
    private final TreeWriter writer = new TreeWriter(pages, TreeWriter.create(pages));
    private final Tree tree = writer.tree();
    private final TreeCursor cursor = tree.cursor();
    private final TreeValue value = new TreeValue();
    private final BytesView view = new BytesView();
    private final BytesView key = new BytesView();
    private final ByteBuffer memory = ByteBuffer.allocateDirect(64).order(ByteOrder.BIG_ENDIAN);
    private final byte[] array = new byte[8];
    private final byte[] record = new byte[100];

    @BeforeEach
    void plant() {
        key.point(memory.duplicate().order(ByteOrder.LITTLE_ENDIAN), 0, 64);
        for (int i = 0; i < RECORDS; i++) {
            writer.put(number(i), record);
        }
    }

    private byte[] number(int i) {
        memory.putLong(0, i * 0x9E3779B97F4A7C15L);
        memory.get(0, array);
        return array;
    }

    @Test
    void lookupsMustAllocateNothing() {
        assertAllocatesNothing(i -> {
            assertTrue(tree.find(number(i), value));
            value.view(view);
            assertTrue(tree.find(key, 0, 8, value));
        });
    }

    @Test
    void cursorStepsMustAllocateNothing() {
        assertAllocatesNothing(i -> {
            if (!cursor.next()) {
                cursor.first();
            }
            cursor.key(view);
            cursor.value(view);
        });
        assertAllocatesNothing(i -> {
            if (!cursor.previous()) {
                cursor.last();
            }
            cursor.value().view(view);
        });
        assertAllocatesNothing(i -> {
            assertTrue(cursor.seek(number(i)));
            assertTrue(cursor.seekExact(key, 0, 8));
            cursor.seekLower(array);
        });
    }

    @Test
    void putsAndDeletionsThatFitTheirPagesMustAllocateNothing() {
        assertAllocatesNothing(i -> {
            writer.put(number(i), record);
            writer.put(key, 0, 8, key, 0, 50);
        });
        assertAllocatesNothing(i -> {
            assertTrue(writer.delete(number(i)));
            assertTrue(writer.put(array, record));
        });
    }

    private interface Step {
        void run(int i);
    }

    private void assertAllocatesNothing(Step step) {
        long before = 0;
        for (int round = 0; round < 4; round++) {
            before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < RECORDS; i++) {
                step.run(i);
            }
            if (threads.getCurrentThreadAllocatedBytes() - before < RECORDS) {
                break; // warm
            }
        }
        before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < RECORDS; i++) {
            step.run(i);
        }
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertEquals(0, bytes / RECORDS, () -> bytes + " bytes in " + RECORDS + " steps");
    }
}
