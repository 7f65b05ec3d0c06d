package dev.quire.cli;

import java.time.Instant;
import java.util.Locale;

/** Numbers with units for people: bytes in powers of 1024, rates in millions of bytes a second. */
final class Amounts {

    private static final double NANOS = 1e9;
    private static final double MEGA = 1e6;
    private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    private static final int STEP = 1024;

    private Amounts() {}

    /** {@code 1.4 MiB}. */
    static String bytes(long bytes) {
        double amount = bytes;
        int unit = 0;
        while (amount >= STEP && unit < UNITS.length - 1) {
            amount /= STEP;
            unit++;
        }
        return unit == 0 ? bytes + " bytes" : String.format(Locale.ROOT, "%.1f %s", amount, UNITS[unit]);
    }

    /** Seconds to the millisecond. */
    static double seconds(long nanos) {
        return Math.round(nanos / MEGA) / (NANOS / MEGA);
    }

    /** Millions of bytes a second, to the tenth. */
    static double megabytesPerSecond(long bytes, long nanos) {
        return nanos <= 0 ? 0 : Math.round(bytes / MEGA / (nanos / NANOS) * 10) / 10.0;
    }

    /** Things a second. */
    static long perSecond(long count, long nanos) {
        return nanos <= 0 ? 0 : Math.round(count / (nanos / NANOS));
    }

    /** A moment, in UTC; 0 is none. */
    static String time(long ms) {
        return ms == 0 ? "-" : Instant.ofEpochMilli(ms).toString();
    }
}
