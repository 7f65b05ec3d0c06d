package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Parts of a task on several threads: none goes missing, and none waits for one that never began. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LogThreadsTest {

    private final List<Thread> threads = new ArrayList<>();

    /** Makes threads of which the {@code failing}-th cannot be started, as when the system has none left. */
    private ThreadFactory failingAt(int failing) {
        return task -> {
            boolean fails = threads.size() == failing;
            Thread thread = new Thread(task) {
                @Override
                public synchronized void start() {
                    if (fails) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    super.start();
                }
            };
            threads.add(thread);
            return thread;
        };
    }

    @Test
    void partsThatWaitForOneThatCannotStartMustGiveUpAndBeWaitedFor() {
        for (int failing = 0; failing < 3; failing++) {
            threads.clear();
            CountDownLatch givenUp = new CountDownLatch(1);
            AtomicBoolean first = new AtomicBoolean();
            Runnable waiting = () -> {
                try {
                    givenUp.await(); // for the part that never begins
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            };
            List<Runnable> parts = List.of(() -> first.set(true), waiting, waiting, waiting);
            ThreadFactory factory = failingAt(failing);
            OutOfMemoryError e =
                    assertThrows(OutOfMemoryError.class, () -> LogThreads.together(parts, givenUp::countDown, factory));
            assertEquals("unable to create native thread", e.getMessage());
            assertEquals(0, givenUp.getCount());
            assertFalse(first.get(), "the caller's own part must not begin");
            assertEquals(failing + 1, threads.size());
            threads.forEach(thread -> assertFalse(thread.isAlive()));
        }
    }

    @Test
    void everyPartMustRunAndWhatOneThrowsMustComeOutWithTheOthers() {
        IllegalStateException fault = new IllegalStateException("one");
        AtomicBoolean run = new AtomicBoolean();
        AtomicBoolean gaveUp = new AtomicBoolean();
        Runnable failing = () -> {
            throw fault;
        };
        ThreadFactory factory = failingAt(-1);
        List<Runnable> parts = List.of(failing, () -> run.set(true), () -> {});
        assertSame(
                fault,
                assertThrows(
                        IllegalStateException.class,
                        () -> LogThreads.together(parts, () -> gaveUp.set(true), factory)));
        assertTrue(run.get());
        assertFalse(gaveUp.get());
        assertEquals(2, threads.size());
    }
}
