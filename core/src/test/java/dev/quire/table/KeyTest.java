package dev.quire.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyTest {

    private final ByteBuffer page = ByteBuffer.allocateDirect(256).order(ByteOrder.LITTLE_ENDIAN);
    private final Key key = new Key();

    @Test
    void orderMustBeThatOfUnsignedBytes() {
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            byte[] mine = bytes(random, random.nextInt(28));
            byte[] theirs = random.nextBoolean() ? bytes(random, random.nextInt(28)) : mine.clone();
            if (theirs.length > 0 && random.nextInt(4) == 0) {
                theirs[random.nextInt(theirs.length)] ^= (byte) (1 << random.nextInt(8));
            }
            int at = random.nextInt(200);
            page.put(at, theirs);
            key.set(mine, 0, mine.length);
            int expected = Integer.signum(Arrays.compareUnsigned(mine, theirs));
            assertEquals(expected, Integer.signum(key.compareTo(page, at, theirs.length)));
            Key other = new Key();
            other.set(page, at, theirs.length);
            assertEquals(expected, Integer.signum(key.compareTo(other)));
            boolean prefix =
                    mine.length >= theirs.length && Arrays.equals(mine, 0, theirs.length, theirs, 0, theirs.length);
            int order = Integer.signum(key.compareToPrefix(page, at, theirs.length));
            assertEquals(prefix ? 0 : expected, order);
        }
    }

    @Test
    void headsMustNeverContradictTheOrder() {
        Random random = new Random(2);
        for (int i = 0; i < 200_000; i++) {
            byte[] mine = bytes(random, random.nextInt(14));
            byte[] theirs = bytes(random, random.nextInt(14));
            Key other = new Key();
            key.set(mine, 0, mine.length);
            other.set(theirs, 0, theirs.length);
            int prefix = random.nextInt(key.commonWith(other) + 1);
            int heads = Long.compareUnsigned(key.head(prefix), other.head(prefix));
            if (heads != 0) {
                assertEquals(Integer.signum(Arrays.compareUnsigned(mine, theirs)), Integer.signum(heads));
            }
        }
    }

    @Test
    void headMustBePaddedWithZerosAfterALongerKey() {
        byte[] longer = new byte[40];
        Arrays.fill(longer, (byte) 0x77);
        key.set(longer, 0, 40);
        key.set(new byte[] {1, 2, 3}, 0, 3);
        assertEquals(0x0102030000000000L, key.head(0));
        assertEquals(0x0300000000000000L, key.head(2));
        assertEquals(0, key.head(3));
        assertEquals(0, key.head(60_000));
    }

    @Test
    void separatorMustBeTheShortestThatParts() {
        Key left = new Key();
        Key right = new Key();
        Random random = new Random(3);
        for (int i = 0; i < 100_000; i++) {
            byte[] a = bytes(random, random.nextInt(12));
            byte[] b = bytes(random, random.nextInt(12));
            int order = Arrays.compareUnsigned(a, b);
            if (order != 0) {
                left.set(order < 0 ? a : b, 0, (order < 0 ? a : b).length);
                right.set(order < 0 ? b : a, 0, (order < 0 ? b : a).length);
                key.setBetween(left, right);
                assertEquals(-1, Integer.signum(left.compareTo(key)));
                assertEquals(true, key.compareTo(right) <= 0);
                key.set(key.bytes.clone(), 0, key.length - 1);
                assertEquals(true, key.compareTo(left) <= 0, "a shorter one parts them, too");
            }
        }
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (random.nextInt(3) - 1);
        }
        return bytes;
    }
}
