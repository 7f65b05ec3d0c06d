package dev.quire.durable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.Checksum;
import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageFile;
import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import dev.quire.pages.CommitClock;
import dev.quire.pages.DatabasePages;
import dev.quire.pages.Frame;
import dev.quire.pages.FramePool;
import dev.quire.pages.Versions;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TornPageGuardTest {

    private static final Path DIRECTORY = Path.of("/sim").toAbsolutePath();
    private static final Path GUARD = DIRECTORY.resolve("quire.guard");
    private static final int HALF = 256 << 10;
    private static final long STREAM = 0x5EED;

    private final SimDisk disk = new SimDisk(DIRECTORY);
    private final Versions versions = new Versions(new FramePool(8 << 20), new CommitClock(0));
    private final DatabasePages database = new DatabasePages(
            4,
            "db",
            PageFile.create(disk, DIRECTORY.resolve("db.qdb"), DatabaseHeader.create(4096, 99, 1), 64),
            0,
            versions);

    private Frame page(long number, long dbtime) {
        Frame frame = versions.take(4096);
        frame.zero();
        frame.enter(number);
        PageHeader.init(frame.buffer(), frame.offset(), PageLayout.TYPE_RAW, 1, number);
        PageHeader.dbtime(frame.buffer(), frame.offset(), dbtime);
        for (int at = 64; at < 4096; at += 64) {
            frame.buffer().putLong(frame.offset() + at, dbtime * at);
        }
        versions.redone(database, frame, dbtime * 10);
        return frame;
    }

    private static void batch(TornPageGuard guard, DatabasePages database, Frame... frames) {
        for (Frame frame : frames) {
            guard.add(database, frame);
        }
        guard.seal();
        guard.clear();
    }

    private List<String> copies(SimDisk from, long stream) {
        try (TornPageGuard guard = TornPageGuard.open(from, GUARD, stream)) {
            return guard.copies().stream()
                    .map(copy -> copy.page() + "@" + copy.dbtime() + "/" + copy.position())
                    .sorted()
                    .collect(Collectors.toList());
        }
    }

    @Test
    void copiesMustBeFoundInBothHalvesAndTheOldestHalfBeUsedAgain() {
        try (TornPageGuard guard = TornPageGuard.create(disk, GUARD, STREAM, HALF)) {
            batch(guard, database, page(5, 1), page(6, 2));
            batch(guard, database, page(7, 3));
            assertEquals(List.of("5@1/10", "6@2/20", "7@3/30"), copies(disk, STREAM));
            batch(guard, database, page(8, 4));
            // The second entry of the half is still whole: it is judged by its position.
            assertEquals(List.of("6@2/20", "7@3/30", "8@4/40"), copies(disk, STREAM));
        }
    }

    @Test
    void aGuardOfAnotherStreamMustBeRefusedAndOneWithoutAVersionHaveNoCopies() {
        try (TornPageGuard guard = TornPageGuard.create(disk, GUARD, STREAM, HALF)) {
            assertEquals(List.of(), copies(disk, STREAM + 1));
            batch(guard, database, page(5, 1));
            refused(QuireError.BAD_CHECKPOINT_SIGNATURE, STREAM + 1);
            header(header -> header.putLong(GuardLayout.VERSION_OFFSET, 0));
            assertEquals(List.of(), copies(disk, STREAM + 1));
            assertEquals(List.of("5@1/10"), copies(disk, STREAM));
        }
    }

    @Test
    void aGuardOfALaterVersionOrOfAnotherSizeMustBeRefused() {
        try (TornPageGuard guard = TornPageGuard.create(disk, GUARD, STREAM, HALF)) {
            batch(guard, database, page(5, 1));
        }
        header(header -> sealed(header.putInt(GuardLayout.VERSION_OFFSET, 2)));
        refused(QuireError.BAD_LOG_VERSION, STREAM);
        header(header ->
                sealed(header.putInt(GuardLayout.VERSION_OFFSET, 1).putInt(GuardLayout.HALF_BYTES_OFFSET, 2 * HALF)));
        refused(QuireError.CHECKPOINT_CORRUPT, STREAM);
        header(header -> header.put(0, (byte) 0));
        assertEquals(List.of("5@1/10"), copies(disk, STREAM));
    }

    /** Fear: so much memory is taken as a file says that it is long. */
    @Test
    void aFileOfALengthThatNoGuardHasMustBeRefusedUnread() {
        TornPageGuard.create(disk, GUARD, STREAM, HALF).close();
        long least = GuardLayout.HALF_BYTES_MIN;
        long most = GuardLayout.HALF_BYTES_MAX;
        for (long size : new long[] {0, 2, least, 2 * least + 1, 3 * least, 6 * least, 4 * most, 1L << 33, 1L << 40}) {
            Storage storage = proxy(
                    Storage.class,
                    disk,
                    (method, result) -> result instanceof StoreFile file
                            ? proxy(StoreFile.class, file, (called, given) -> called.equals("size") ? size : given)
                            : result);
            CorruptionException e = assertThrows(
                    CorruptionException.class, () -> TornPageGuard.open(storage, GUARD, STREAM), "size=" + size);
            assertEquals(QuireError.CHECKPOINT_CORRUPT, e.error(), "size=" + size);
        }
    }

    /** What {@code on} answers, changed by {@code how}, which is told the name of the method. */
    private static <T> T proxy(Class<T> type, T on, BiFunction<String, Object, Object> how) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> how.apply(method.getName(), method.invoke(on, arguments))));
    }

    @Test
    void aGuardThatIsMissingMustBeReportedAsDamage() {
        refused(QuireError.FILE_NOT_FOUND, STREAM);
    }

    @Test
    void aNewStreamMustBeginWithAnEmptyGuard() {
        try (TornPageGuard guard = TornPageGuard.create(disk, GUARD, STREAM, HALF)) {
            batch(guard, database, page(5, 1));
            batch(guard, database, page(6, 2));
        }
        TornPageGuard.renew(disk, GUARD, STREAM + 1).close();
        assertEquals(List.of(), copies(disk, STREAM + 1));
        try (TornPageGuard guard = TornPageGuard.open(disk, GUARD, STREAM + 1)) {
            batch(guard, database, page(7, 3));
        }
        assertEquals(List.of("7@3/30"), copies(disk, STREAM + 1));
    }

    private void refused(QuireError error, long stream) {
        assertEquals(
                error,
                assertThrows(CorruptionException.class, () -> copies(disk, stream))
                        .error());
    }

    private void header(Consumer<ByteBuffer> change) {
        byte[] bytes = disk.contents(GUARD);
        change.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        disk.plant(GUARD, bytes);
    }

    private static void sealed(ByteBuffer header) {
        int crc = Checksum.crc32c(header.array(), 0, GuardLayout.VERSION_CRC_OFFSET);
        header.putInt(GuardLayout.VERSION_CRC_OFFSET, crc);
    }

    @Test
    void aHalfMustHoldNoMoreThanItHasRoomFor() {
        try (TornPageGuard guard = TornPageGuard.create(disk, GUARD, STREAM, HALF)) {
            assertTrue(guard.isEmpty());
            Frame page = page(5, 1);
            int count = 0;
            while (guard.fits(4096)) {
                guard.add(database, page);
                count++;
            }
            assertEquals((HALF - GuardLayout.pagesOffset(HALF)) / 4096, count);
            guard.seal();
            guard.clear();
            assertEquals(count, copies(disk, STREAM).size());
        }
    }

    @Test
    void aChangedBitMustVoidItsCopyAndNoOther() {
        try (TornPageGuard guard = TornPageGuard.create(disk, GUARD, STREAM, HALF)) {
            batch(guard, database, page(5, 1), page(6, 2));
        }
        int pages = GuardLayout.pagesOffset(HALF);
        for (int at = 0; at < 4096; at += at < GuardLayout.ENTRY_BYTES ? 1 : 37) {
            if (at < GuardLayout.ENTRY_CRC_OFFSET + 4) {
                assertEquals(List.of("6@2/20"), damaged(GuardLayout.ENTRY_BYTES + at), "entry " + at);
            }
            assertEquals(List.of("5@1/10"), damaged(pages + 4096 + at), "page " + at);
        }
    }

    /** Fear: whoever can compute a checksum has us read outside of the half. */
    @Test
    void anEntryThatLeadsOutOfItsHalfMustBeNoCopyHoweverSoundItsChecksum() {
        try (TornPageGuard guard = TornPageGuard.create(disk, GUARD, STREAM, HALF)) {
            batch(guard, database, page(5, 1), page(6, 2));
        }
        int pages = GuardLayout.pagesOffset(HALF);
        int[][] forged = {
            {-1, 4096},
            {0, 4096},
            {pages - 1, 4096},
            {HALF - 4095, 4096},
            {HALF, 4096},
            {Integer.MAX_VALUE, 4096},
            {pages, 0},
            {pages, 1},
            {pages, 23},
            {pages, -4096},
            {pages, HALF},
            {pages, Integer.MAX_VALUE}
        };
        for (int[] place : forged) {
            header(half -> {
                half.putInt(GuardLayout.ENTRY_BYTES + GuardLayout.ENTRY_PLACE_OFFSET, place[0])
                        .putInt(GuardLayout.ENTRY_BYTES + GuardLayout.ENTRY_LENGTH_OFFSET, place[1]);
                int crc = Checksum.crc32c(half.array(), GuardLayout.ENTRY_BYTES, GuardLayout.ENTRY_CRC_OFFSET);
                half.putInt(GuardLayout.ENTRY_BYTES + GuardLayout.ENTRY_CRC_OFFSET, crc);
            });
            assertEquals(List.of("6@2/20"), copies(disk, STREAM), place[0] + " " + place[1]);
        }
    }

    /** Fear: each entry names all of the half, and so much is read, and taken of memory, for each of them. */
    @Test
    void noMoreMustBeReadThanTheFileIsLong() {
        TornPageGuard.create(disk, GUARD, STREAM, HALF).close();
        int pages = GuardLayout.pagesOffset(HALF);
        header(file -> {
            for (int i = 1; i <= GuardLayout.entriesMax(HALF); i++) {
                ByteBuffer entry = file.slice(i * GuardLayout.ENTRY_BYTES, GuardLayout.ENTRY_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(GuardLayout.ENTRY_LOG_OFFSET, STREAM)
                        .putInt(GuardLayout.ENTRY_PLACE_OFFSET, pages)
                        .putInt(GuardLayout.ENTRY_LENGTH_OFFSET, HALF - pages);
                entry.putInt(GuardLayout.ENTRY_CRC_OFFSET, Checksum.crc32c(entry, 0, GuardLayout.ENTRY_CRC_OFFSET));
            }
        });
        long[] read = {0};
        Storage storage = proxy(
                Storage.class,
                disk,
                (method, result) -> result instanceof StoreFile file
                        ? proxy(StoreFile.class, file, (called, given) -> {
                            read[0] += called.equals("read") ? (Integer) given : 0;
                            return given;
                        })
                        : result);
        try (TornPageGuard guard = TornPageGuard.open(storage, GUARD, STREAM)) {
            assertEquals(List.of(), guard.copies());
        }
        assertTrue(read[0] <= GuardLayout.HALVES * HALF, "read=" + read[0]);
    }

    private List<String> damaged(int at) {
        disk.corrupt(GUARD, at, 0x20);
        List<String> found = copies(disk, STREAM);
        disk.corrupt(GUARD, at, 0x20);
        return found;
    }

    @Test
    void theOtherHalfMustSurviveATornBatch() {
        try (TornPageGuard guard = TornPageGuard.create(disk, GUARD, STREAM, HALF)) {
            disk.forceDirectory(DIRECTORY);
            batch(guard, database, page(5, 1));
            batch(guard, database, page(6, 2));
            int from = disk.operationCount();
            batch(guard, database, page(7, 3), page(8, 4));
            for (int at = from; at <= disk.operationCount(); at++) {
                for (CrashPolicy policy : CrashPolicy.values()) {
                    List<String> found = copies(disk.crashImage(at, policy, at), STREAM);
                    assertTrue(found.contains("6@2/20"), found + " at " + disk.describe(at) + " " + policy);
                    assertFalse(at == disk.operationCount() && !found.contains("8@4/40"), found.toString());
                }
            }
        }
    }
}
