package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.Checksum;
import dev.quire.io.sim.SimDisk;
import dev.quire.io.sim.SimOperation.Type;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The fear: a file is taken for ready that is not, or is made again while the log waits for something else. */
class ReadyMarkTest {

    private static final int SIGNATURE_BYTE = LogLayout.FIRST_BATCH_OFFSET + ReadyLayout.SIGNATURE_OFFSET;

    private final SimDisk disk = TestLog.disk();
    private final Slots slots = Slots.plant(disk);

    /** After an end that was no close; two generations stand ready behind the first. */
    private SimDisk killed() {
        LogWriter log = LogWriter.create(TestLog.settings(disk), slots);
        log.reserve(100_000, 2);
        assertEquals(3, LogFiles.list(disk, TestLog.DIRECTORY).length, "built ahead");
        return disk.processCrashImage(disk.operationCount());
    }

    /** Goes on, into a third generation, and tells how many files had to be made. */
    private static long created(SimDisk on) {
        Slots found = Slots.read(on);
        LogSurvey survey = TestLog.recover(TestLog.settings(on), found);
        on.resetTrace();
        try (LogWriter log = LogWriter.resume(TestLog.settings(on), found, survey)) {
            assertEquals(2, log.generation());
            assertEquals(3, log.roll());
        }
        return on.operations().stream()
                .filter(operation -> operation.type() == Type.CREATE)
                .count();
    }

    private static void marked(SimDisk on, int generation, Consumer<ByteBuffer> change) {
        byte[] bytes = on.contents(TestLog.file(generation));
        ByteBuffer mark = ByteBuffer.wrap(bytes, LogLayout.FIRST_BATCH_OFFSET, ReadyLayout.MARK_BYTES)
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN);
        change.accept(mark);
        on.plant(TestLog.file(generation), bytes);
    }

    private static void seal(ByteBuffer mark) {
        mark.putInt(ReadyLayout.CRC_OFFSET, Checksum.crc32c(mark, 0, ReadyLayout.CRC_OFFSET));
    }

    @Test
    void whatStandsReadyMustBeUsed() {
        assertEquals(0, created(killed()));
    }

    @Test
    void aMarkOfAnotherStreamMustNotCount() {
        SimDisk stream = killed();
        marked(stream, 2, mark -> mark.put(0, ReadyMark.encode(TestLog.SIGNATURE + 1, 2), 0, ReadyLayout.MARK_BYTES));
        assertEquals(2, created(stream), "signature");
    }

    @Test
    void aMarkOfAnEarlierLifeMustNotCount() {
        SimDisk life = killed();
        marked(life, 2, mark -> mark.put(0, ReadyMark.encode(TestLog.SIGNATURE, 1), 0, ReadyLayout.MARK_BYTES));
        assertEquals(2, created(life), "generation");
    }

    @Test
    void aMarkWithoutItsLettersMustNotCount() {
        SimDisk letters = killed();
        marked(letters, 2, mark -> seal(mark.putLong(ReadyLayout.MAGIC_OFFSET, ReadyLayout.MAGIC + 1)));
        assertEquals(2, created(letters), "magic");
    }

    @Test
    void aMarkWhoseChecksumFailsMustNotCount() {
        SimDisk checksum = killed();
        marked(checksum, 2, mark -> mark.putInt(ReadyLayout.CRC_OFFSET, 0));
        assertEquals(2, created(checksum), "crc");
    }

    @Test
    void oneThatIsNotMarkedMustTakeThoseBehindItWithIt() {
        SimDisk gap = killed();
        gap.corrupt(TestLog.file(2), SIGNATURE_BYTE, 1);
        assertEquals(2, created(gap));
        SimDisk second = disk.processCrashImage(disk.operationCount());
        second.corrupt(TestLog.file(3), SIGNATURE_BYTE, 1);
        assertEquals(1, created(second));
    }

    /** The one after it is built when the switch is over, and not while Begin is being forced. */
    @Test
    void nothingMustBeBuiltWhileBeginIsForced() throws InterruptedException {
        GatedStorage gated = new GatedStorage(disk);
        LogSettings threads =
                new LogSettings(gated, TestLog.DIRECTORY, TestLog.SIGNATURE, LogLayout.GENERATION_BYTES_MIN, true);
        try (LogWriter log = LogWriter.create(threads, slots)) {
            awaitFile(2);
            gated.shut();
            int before = gated.begun.get();
            Thread rolling = new Thread(log::roll);
            rolling.start();
            while (gated.begun.get() == before) {
                Thread.sleep(1);
            }
            Thread.sleep(100);
            boolean early = disk.list(TestLog.DIRECTORY).contains(LogFiles.TEMPORARY_NAME)
                    || disk.list(TestLog.DIRECTORY).contains(LogFiles.name(3));
            gated.open();
            rolling.join();
            assertFalse(early, "built while Begin is forced");
            awaitFile(3);
        }
    }

    private void awaitFile(int generation) throws InterruptedException {
        for (int i = 0; i < 2000 && !disk.list(TestLog.DIRECTORY).contains(LogFiles.name(generation)); i++) {
            Thread.sleep(5);
        }
        assertTrue(disk.list(TestLog.DIRECTORY).contains(LogFiles.name(generation)), "generation=" + generation);
    }
}
