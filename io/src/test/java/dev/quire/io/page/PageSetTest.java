package dev.quire.io.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PageSetTest {

    @Test
    void itMustHoldWhatASetHolds() {
        SplittableRandom random = new SplittableRandom(1);
        for (long range : new long[] {1, 70, 4_000, 1L << 32, 1L << 55}) {
            PageSet set = new PageSet();
            TreeSet<Long> model = new TreeSet<>();
            for (int i = 0; i < 5_000; i++) {
                long page = random.nextLong(range);
                assertEquals(model.contains(page), set.contains(page));
                if (random.nextInt(3) > 0) {
                    assertEquals(model.add(page), set.add(page));
                } else {
                    long there = model.isEmpty() || random.nextBoolean() ? page : model.first();
                    assertEquals(model.remove(there), set.remove(there));
                }
                assertEquals(model.size(), set.size());
            }
            assertEquals(model.isEmpty() ? -1 : model.first(), set.first());
            model.forEach(page -> assertTrue(set.remove(page)));
            assertEquals(0, set.size());
            assertEquals(-1, set.first());
        }
    }

    @Test
    void allOfAnotherMustBeInItBesideItsOwn() {
        PageSet set = new PageSet();
        PageSet other = new PageSet();
        for (long page : new long[] {3, 64, 70}) {
            set.add(page);
        }
        for (long page : new long[] {3, 4, 1L << 40}) {
            other.add(page);
        }
        set.addAll(other);
        assertEquals(5, set.size());
        for (long page : new long[] {3, 4, 64, 70, 1L << 40}) {
            assertTrue(set.contains(page));
        }
        assertEquals(3, other.size());
    }

    @Test
    void neighboursMustNotBeTakenForOneAnother() {
        PageSet set = new PageSet();
        set.add(63);
        set.add(128);
        for (long page = 0; page < 256; page++) {
            assertEquals(page == 63 || page == 128, set.contains(page));
        }
        assertFalse(set.add(128));
        assertFalse(set.remove(64));
    }
}
