package dev.quire.benchmarks;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The records of all benchmarks: keys of 16 bytes and values of 100 or what is asked, by number, the same in every run.
 * Number order is random key order. A key costs a few nanoseconds to make and no memory access, so that a lookup pays
 * for none but its own.
 */
final class Records {

    static final int KEY_BYTES = 16;
    static final int VALUE_BYTES = 100;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Records() {}

    /** Writes the key of record {@code number}. */
    static void key(long number, byte[] key) {
        LONGS.set(key, 0, mix(2 * number));
        LONGS.set(key, Long.BYTES, mix(2 * number + 1));
    }

    /** Writes the value of record {@code number}, as long as the array is. */
    static void value(long number, byte[] value) {
        for (int at = 0; at + Long.BYTES <= value.length; at += Long.BYTES) {
            LONGS.set(value, at, mix(number * value.length + at));
        }
    }

    /** One of {@code count} numbers by chance: the {@code step}-th of a row that is the same in every run. */
    static int pick(long step, int count) {
        return (int) ((mix(step) >>> 32) * count >>> 32);
    }

    /** Every bit of the result depends on every bit of {@code x}. */
    static long mix(long x) {
        long h = x + 0x9E3779B97F4A7C15L;
        h = (h ^ h >>> 30) * 0xBF58476D1CE4E5B9L;
        h = (h ^ h >>> 27) * 0x94D049BB133111EBL;
        return h ^ h >>> 31;
    }
}
