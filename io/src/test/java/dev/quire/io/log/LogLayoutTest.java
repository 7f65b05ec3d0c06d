package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The bytes on the disk are those of the first release: a changed one here is a new format version. The checksums were
 * worked out by a program that shares no code with this one.
 */
class LogLayoutTest {

    private final SimDisk disk = TestLog.disk();
    private byte[] file;

    private void write() {
        Slots slots = Slots.plant(disk);
        slots.context = new byte[] {1, 2, 3};
        try (LogWriter log = LogWriter.create(TestLog.settings(disk), slots)) {
            log.roll();
            log.append(0x42, ByteBuffer.wrap(new byte[] {10, 11, 12, 13, 14}), 0, 5);
            log.append(0x43, ByteBuffer.wrap(new byte[0]), 0, 0);
            log.force();
        }
        file = disk.contents(TestLog.file(2));
    }

    private String hex(int from, int length) {
        return HexFormat.of().formatHex(file, from, from + length);
    }

    @Test
    void fileHeaderMustKeepItsBytes() {
        write();
        assertEquals(
                "51756972654c6f67" + "8f86e28f" + "01000000" + "02000000" + "00000100" + "3412000065725100",
                hex(0, 32));
        assertTrue(Stream.of(hex(32, 4064).split("")).allMatch("0"::equals));
    }

    @Test
    void beginMustKeepItsBytes() {
        write();
        String header = "51426174" + "c395281d" + "0010000002000000" + "00020000" + "70000000" + "08db53e5" + "8f86e28f"
                + "0012000001000000" + "01000000" + "0".repeat(40);
        String frame = "23000000" + "ff" + "000000";
        String payload =
                "0200000000000000" + "0100000000000000" + "00120000" + "303eacf2" + "01000000" + "03000000" + "010203";
        assertEquals(header, hex(4096, 64));
        assertEquals(frame, hex(4160, 8));
        assertEquals(payload, hex(4168, 35));
    }

    @Test
    void batchMustKeepItsBytes() {
        write();
        String header = "51426174" + "c3872c7a" + "0012000002000000" + "00020000" + "58000000" + "731acdc4" + "c395281d"
                + "0012000002000000" + "02000000" + "0".repeat(40);
        assertEquals(header, hex(4608, 64));
        assertEquals("05000000" + "42" + "000000" + "0a0b0c0d0e" + "000000", hex(4672, 16));
        assertEquals("00000000" + "43" + "000000", hex(4688, 8));
        assertTrue(Stream.of(hex(4696, 512 - 88).split("")).allMatch("0"::equals));
    }

    @Test
    void paddingMustBeZeroInABufferThatWasUsedBefore() {
        try (LogWriter log = LogWriter.create(TestLog.settings(disk), Slots.plant(disk))) {
            byte[] noise = new byte[400];
            Arrays.fill(noise, (byte) 0x5A);
            int offset = 0;
            for (int i = 0; i < 20; i++) {
                offset = Lsn.offset(log.append(1, ByteBuffer.wrap(noise), 0, i < 10 ? 400 : 3));
                log.force();
            }
            file = disk.contents(TestLog.file(1));
            int padding = LogLayout.SECTOR_BYTES - BatchLayout.HEADER_BYTES - RecordLayout.HEADER_BYTES - 3;
            assertEquals("00".repeat(padding), hex(offset + RecordLayout.HEADER_BYTES + 3, padding));
        }
    }

    @Test
    void lsnMustOrderAsTheLogDoes() {
        List<Long> ascending = List.of(
                Lsn.NONE,
                Lsn.of(1, 0),
                Lsn.of(1, Integer.MAX_VALUE),
                Lsn.of(2, 0),
                Lsn.of(2, 512),
                Lsn.of(Integer.MAX_VALUE, Integer.MAX_VALUE));
        assertEquals(ascending, ascending.stream().sorted().toList());
        assertEquals(3, Lsn.generation(Lsn.of(3, 0x1200)));
        assertEquals(0x1200, Lsn.offset(Lsn.of(3, 0x1200)));
        assertEquals("3:0x1200", Lsn.toString(Lsn.of(3, 0x1200)));
        assertThrows(IllegalArgumentException.class, () -> Lsn.of(-1, 0));
        assertThrows(IllegalArgumentException.class, () -> Lsn.of(0, -1));
    }

    @Test
    void namesMustBeReadStrictly() {
        assertEquals("0000001f.qlog", LogFiles.name(31));
        assertEquals(31, LogFiles.generation("0000001f.qlog"));
        assertEquals("7fffffff.qlog", LogFiles.name(Integer.MAX_VALUE));
        assertEquals(Integer.MAX_VALUE, LogFiles.generation("7fffffff.qlog"));
        for (String name : List.of(
                "1f.qlog",
                "0000001F.qlog",
                "80000000.qlog",
                "0000001f.qlog.x",
                "x0000001f.qlog",
                "0000001f.spare",
                "next.tmp",
                "",
                "../0000001f.qlog",
                "0000001f.qlog\n")) {
            assertEquals(-1, LogFiles.generation(name), name);
        }
        assertTrue(LogFiles.isSpare(LogFiles.spareName(31)));
    }

    @Test
    void saltMustChangeWithEveryBit() {
        int salt = LogSalt.of(TestLog.SIGNATURE, Lsn.of(7, 4096));
        for (int bit = 0; bit < Long.SIZE; bit++) {
            assertTrue(salt != LogSalt.of(TestLog.SIGNATURE ^ 1L << bit, Lsn.of(7, 4096)), "signature bit " + bit);
            assertTrue(salt != LogSalt.of(TestLog.SIGNATURE, Lsn.of(7, 4096) ^ 1L << bit), "lsn bit " + bit);
        }
    }

    @Test
    void sizesMustFitOneAnotherForEveryGenerationSize() {
        for (int bytes = LogLayout.GENERATION_BYTES_MIN;
                bytes > 0 && bytes <= LogLayout.GENERATION_BYTES_MAX;
                bytes *= 2) {
            int batch = LogLayout.batchBytesMax(bytes);
            int record = LogLayout.recordBytesMax(bytes);
            assertTrue(BatchLayout.HEADER_BYTES + RecordLayout.frameBytes(record) <= batch);
            assertTrue(batch <= 256 << 10 && batch % LogLayout.SECTOR_BYTES == 0);
            assertTrue(LogLayout.beginBytesMax(bytes) <= batch);
            assertTrue(bytes < 1 << 20 || LogLayout.contextBytesMax(bytes) == 64 << 10);
        }
    }
}
