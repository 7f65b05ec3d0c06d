package dev.quire.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Finds out, once and only when bytes are to be looked at, whether chronicle-bytes can be used: it may be missing, the
 * virtual machine may deny what it needs, or would print a warning of four lines about it (from 24 on, unless it was
 * told
 * to allow it), which nobody could tell from a message of ours.
 */
final class ChronicleProbe {

    private static final int FEATURE_THAT_WARNS = 24;
    private static final boolean USABLE = probe();

    private ChronicleProbe() {}

    static boolean isUsable() {
        return USABLE;
    }

    private static boolean probe() {
        boolean warns = Runtime.version().feature() >= FEATURE_THAT_WARNS
                && !"allow".equals(System.getProperty("sun.misc.unsafe.memory.access"));
        if (warns || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            return false;
        }
        PrintStream err = System.err;
        // While it starts it tells System.err about the machine; errors of ours have a stream of their own.
        System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        try {
            return ChronicleBytes.works();
        } catch (RuntimeException | LinkageError e) {
            return false;
        } finally {
            System.setErr(err);
        }
    }
}
