package dev.quire.durable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One place, given in order, and nobody is forgotten. */
@Timeout(60)
class WriterPlaceTest {

    private final WriterPlace place = new WriterPlace();

    @Test
    void mustHaveOneHolderAndForgetNobody() throws InterruptedException {
        int threads = 16;
        int turns = 2_000;
        AtomicInteger holders = new AtomicInteger();
        int[] count = new int[1];
        List<Thread> all = new ArrayList<>();
        List<Integer> crowds = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < threads; i++) {
            all.add(new Thread(() -> {
                for (int turn = 0; turn < turns; turn++) {
                    place.acquire();
                    int now = holders.incrementAndGet();
                    if (now != 1) {
                        crowds.add(now);
                    }
                    count[0]++;
                    holders.decrementAndGet();
                    place.release();
                }
            }));
        }
        all.forEach(Thread::start);
        for (Thread thread : all) {
            thread.join();
        }
        assertEquals(List.of(), crowds);
        assertEquals(threads * turns, count[0]);
        assertTrue(place.tryAcquire());
    }

    @Test
    void mustGoToWhoAskedFirst() throws InterruptedException {
        place.acquire();
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        List<Thread> waiting = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int number = i;
            Thread thread = new Thread(() -> {
                place.acquire();
                order.add(number);
                place.release();
            });
            waiting.add(thread);
            thread.start();
            awaitAsleep(thread);
        }
        assertFalse(place.tryAcquire());
        place.release();
        for (Thread thread : waiting) {
            thread.join();
        }
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7), order);
    }

    @Test
    void mustNotEndForAnInterruptAndKeepIt() throws InterruptedException {
        place.acquire();
        AtomicInteger seen = new AtomicInteger();
        Thread thread = new Thread(() -> {
            Thread.currentThread().interrupt();
            place.acquire();
            seen.set(Thread.currentThread().isInterrupted() ? 1 : 2);
            place.release();
        });
        thread.start();
        awaitAsleep(thread);
        thread.interrupt();
        awaitAsleep(thread);
        assertEquals(0, seen.get());
        place.release();
        thread.join();
        assertEquals(1, seen.get());
    }

    private static void awaitAsleep(Thread thread) throws InterruptedException {
        for (int calm = 0; calm < 5; ) {
            Thread.State state = thread.getState();
            boolean asleep = state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
            calm = asleep || state == Thread.State.TERMINATED ? calm + 1 : 0;
            Thread.sleep(1);
        }
    }
}
