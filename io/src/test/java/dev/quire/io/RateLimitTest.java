package dev.quire.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A limit under a clock that stands still unless somebody sleeps. */
class RateLimitTest {

    private static final long SECOND = 1_000_000_000;

    private long now = Long.MAX_VALUE - SECOND; // goes past the end, as System.nanoTime may
    private long oversleep;
    private int sleeps;
    private final long start = now;

    private RateLimit limit(long bytesPerSecond) {
        return RateLimit.of(bytesPerSecond, () -> now, nanos -> {
            sleeps++;
            now += nanos + oversleep;
        });
    }

    private void take(RateLimit limit, long bytes) {
        limit.take(bytes, () -> {});
    }

    @Test
    void whatIsTakenMustBeEarnedFirst() {
        RateLimit limit = limit(1 << 20);
        take(limit, 1 << 19);
        assertEquals(SECOND / 2, now - start);
        take(limit, 1 << 20);
        assertEquals(SECOND * 3 / 2, now - start);
    }

    @Test
    void anyRateMustBeKeptWithinFivePercentOverAnySecond() {
        SplittableRandom random = new SplittableRandom(1);
        for (long rate : new long[] {1 << 20, 10 << 20, 50 << 20, 999_999_999L, 4L << 30}) {
            RateLimit limit = limit(rate);
            Deque<long[]> second = new ArrayDeque<>();
            long inSecond = 0;
            long begun = now;
            long all = 0;
            while (now - begun < 5 * SECOND) {
                now += random.nextInt(5_000_000); // the piece itself takes a while
                oversleep = random.nextInt(4_000_000);
                long piece = limit.piece(1 << 20, 4096);
                take(limit, piece);
                second.add(new long[] {now, piece});
                inSecond += piece;
                all += piece;
                while (now - second.peek()[0] >= SECOND) {
                    inSecond -= second.remove()[1];
                }
                long seen = inSecond;
                assertTrue(seen <= rate * 1.05, () -> "rate=" + rate + " in a second=" + seen);
            }
            double share = all / (rate * ((now - begun) / (double) SECOND));
            boolean bound = limit.piece(1 << 20, 4096) * 200.0 >= rate; // else the pieces alone take longer
            assertTrue(share <= 1.05 && (!bound || share >= 0.95), () -> "rate=" + rate + " share=" + share);
        }
    }

    @Test
    void whatWasNotUsedMustBeLostButForAMoment() {
        RateLimit limit = limit(1 << 20);
        take(limit, 4096);
        now += 60 * SECOND;
        long before = now;
        take(limit, 1 << 20);
        assertEquals(SECOND * 98 / 100, now - before);
    }

    @Test
    void aWaitMustEndWhenItIsToldTo() {
        RateLimit limit = limit(4096);
        List<Long> looks = new ArrayList<>();
        IllegalStateException enough = new IllegalStateException();
        assertEquals(
                enough,
                assertThrows(
                        IllegalStateException.class,
                        () -> limit.take(4096 * 60, () -> {
                            looks.add(now - start);
                            if (looks.size() == 3) {
                                throw enough;
                            }
                        })));
        assertEquals(List.of(0L, SECOND / 20, SECOND / 10), looks);
    }

    @Test
    void allWhoTakeMustHaveOneLimitTogether() throws InterruptedException {
        RateLimit limit = RateLimit.of(1 << 20, () -> 0, nanos -> {});
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Thread thread = new Thread(() -> {
                for (int j = 0; j < 1_000; j++) {
                    try {
                        limit.take(1 << 10, () -> {
                            throw new IllegalStateException("booked, and not waited for");
                        });
                    } catch (IllegalStateException e) {
                        continue;
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(8_000L * SECOND / 1024, limit.earnedAtNanos(), 8_000);
    }

    @Test
    void noLimitMustNeverWait() {
        assertEquals(1 << 20, RateLimit.NONE.piece(1 << 20, 8192));
        RateLimit.NONE.take(Long.MAX_VALUE, () -> {
            throw new AssertionError("waited");
        });
        assertEquals(0, sleeps);
    }

    @Test
    void aPieceMustBeAFortiethOfASecondAndAtLeastAUnit() {
        assertEquals(25 * 4096, limit(1 << 22).piece(1 << 20, 4096));
        assertEquals(1 << 16, limit(1 << 20).piece(1 << 20, 1 << 16));
        assertEquals(1 << 20, limit(1L << 40).piece(1 << 20, 4096));
        assertThrows(IllegalArgumentException.class, () -> RateLimit.of(4095));
    }

    @Test
    void anInterruptMustNeitherEndTheWaitNorBeLost() {
        long begun = System.nanoTime();
        Thread.currentThread().interrupt();
        RateLimit limit = RateLimit.of(1 << 20);
        limit.take(1 << 16, () -> {});
        assertTrue(Thread.interrupted());
        assertTrue(System.nanoTime() - begun >= SECOND / 25, "it is a lower bound: it must not return too soon");
    }
}
