package dev.quire.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Slabs, frames, the registry of readers, the clock of commits. */
class MemoryTest {

    private static final int UNIT = Slab.UNIT_BYTES;

    @Test
    void aSlabMustNeverGiveOneStretchTwice() {
        for (long seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Slab slab = new Slab(256 * UNIT);
            BitSet used = new BitSet();
            List<int[]> taken = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                int rounded = UNIT << random.nextInt(6);
                if (random.nextBoolean() && slab.fits(rounded)) {
                    int offset = slab.take(rounded);
                    assertEquals(0, offset % rounded);
                    int from = offset / UNIT;
                    int to = from + rounded / UNIT;
                    assertTrue(to <= 256);
                    assertEquals(0, used.get(from, to).cardinality(), "seed=" + seed + " offset=" + offset);
                    used.set(from, to);
                    taken.add(new int[] {offset, rounded});
                } else if (!taken.isEmpty()) {
                    int[] one = taken.remove(random.nextInt(taken.size()));
                    slab.give(one[0], one[1]);
                    used.clear(one[0] / UNIT, (one[0] + one[1]) / UNIT);
                }
            }
            taken.forEach(one -> slab.give(one[0], one[1]));
            assertTrue(slab.fits(256 * UNIT), "what was given back must become whole again, seed=" + seed);
        }
    }

    @Test
    void aStretchGivenBackTwiceMustBeNoticed() {
        Slab slab = new Slab(16 * UNIT);
        int offset = slab.take(UNIT);
        slab.give(offset, UNIT);
        assertThrows(IllegalStateException.class, () -> slab.give(offset, UNIT));
    }

    @Test
    void sizesMustBeRoundedToPowersOfTwoOfUnits() {
        assertEquals(UNIT, Slab.roundedBytes(1));
        assertEquals(UNIT, Slab.roundedBytes(UNIT));
        assertEquals(2 * UNIT, Slab.roundedBytes(UNIT + 1));
        assertEquals(8 * UNIT, Slab.roundedBytes(5 * UNIT));
        assertEquals(1 << 20, Slab.roundedBytes(1 << 20));
    }

    @Test
    void aPoolMustKeepItsBudget() {
        keepsBudget(8 << 20);
        keepsBudget(10 << 20); // which leaves room in the last slab
    }

    @Test
    void aPoolMustTakeAnyBudget() {
        FramePool pool = new FramePool(Long.MAX_VALUE);
        for (int i = 0; i < 10; i++) {
            assertNotNull(pool.take(1 << 20));
        }
    }

    private static void keepsBudget(int budgetBytes) {
        FramePool pool = new FramePool(budgetBytes);
        ArrayDeque<Frame> frames = new ArrayDeque<>();
        for (Frame frame = pool.take(64 << 10); frame != null; frame = pool.take(64 << 10)) {
            frames.add(frame);
        }
        assertEquals(budgetBytes / (64 << 10), frames.size());
        assertNull(pool.take(4096));
        assertTrue(pool.heldBytes() <= budgetBytes + budgetBytes / 4);
        frames.forEach(pool::give);
        assertEquals(0, pool.usedBytes());
        assertNotNull(pool.take(1 << 20));
    }

    @Test
    void aRegistryMustGrowAndFindTheOldest() {
        ReaderSlots slots = new ReaderSlots();
        List<Integer> taken = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            long snapshot = 1_000 - i;
            taken.add(slots.enter(() -> snapshot));
        }
        assertEquals(500, slots.active());
        assertEquals(500, taken.stream().distinct().count());
        ReaderSlots.Scan scan = new ReaderSlots.Scan();
        slots.scan(scan);
        assertFalse(scan.pending);
        assertEquals(501, scan.snapshotMin(Long.MAX_VALUE));
        assertEquals(7, scan.snapshotMin(7));
        assertEquals(1_000 - 123, slots.snapshot(taken.get(123)));
        taken.forEach(slots::leave);
        assertEquals(0, slots.active());
        slots.scan(scan);
        assertEquals(Long.MAX_VALUE, scan.epochMin);
        assertTrue(slots.oldest().startsWith("no"));
    }

    @Test
    void theClockMustCountAsDurableOnlyWholePublishedCommits() {
        CommitClock clock = new CommitClock(100);
        clock.forced(250);
        assertEquals(100, clock.durable());
        clock.publish(200, false);
        assertEquals(200, clock.durable());
        assertEquals(200, clock.visible());
        clock.publish(300, false);
        assertEquals(200, clock.durable());
        assertEquals(200, clock.visible());
        assertEquals(300, clock.published());
        clock.forced(299);
        assertEquals(200, clock.durable());
        clock.forced(300);
        assertEquals(300, clock.durable());
    }

    @Test
    void aLazyCommitMustBeSeenAtOnceAndKeepTheClockGoingForward() {
        CommitClock clock = new CommitClock(0);
        clock.publish(10, true);
        assertEquals(10, clock.visible());
        assertEquals(0, clock.durable());
        clock.publish(20, false);
        assertEquals(10, clock.visible());
        clock.forced(15);
        assertEquals(10, clock.durable());
        assertEquals(10, clock.visible());
        clock.forced(5);
        clock.forced(20);
        assertEquals(20, clock.visible());
    }

    @Test
    void theClockMustRememberAnyNumberOfWaitingCommits() {
        CommitClock clock = new CommitClock(0);
        for (int i = 1; i <= 50; i++) {
            clock.publish(i, false);
        }
        clock.forced(40);
        for (int i = 51; i <= 1_000; i++) {
            clock.publish(i, false);
        }
        for (int i = 41; i <= 1_000; i++) {
            clock.forced(i);
            assertEquals(i, clock.durable());
        }
    }
}
