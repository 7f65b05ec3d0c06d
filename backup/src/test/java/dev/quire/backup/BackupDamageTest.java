package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.durable.Mended;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import dev.quire.pages.AllocationLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Bytes that are not what was written, in an instance that is backed up and in a backup at rest: never believed. */
class BackupDamageTest {

    private final Scene scene = Scene.filled(1);
    private final SimDisk disk = scene.disk();

    private List<String> backedUp() {
        scene.backup(Scene.BACKUP, (phase, done, total) -> scene.commit(s -> s.put(Scene.SMALL, "a", done, 300)));
        disk.recordTrace(false);
        return disk.list(Scene.BACKUP);
    }

    private Path file(String suffix) {
        return Scene.BACKUP.resolve(disk.list(Scene.BACKUP).stream()
                .filter(name -> name.endsWith(suffix))
                .findFirst()
                .orElseThrow());
    }

    /** The byte offset of one page of each type of a database file. */
    private static Map<Integer, Integer> pagesByType(byte[] database, int pageSize) {
        Map<Integer, Integer> pages = new TreeMap<>();
        ByteBuffer buffer = ByteBuffer.wrap(database).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at + pageSize <= database.length; at += pageSize) {
            int type = PageHeader.type(buffer, at);
            if (type != 0 && PageHeader.number(buffer, at) == at / pageSize) {
                // The first raw pages are free: of these the last one counts.
                pages.merge(type, at, (first, next) -> type == PageLayout.TYPE_RAW ? next : first);
            }
        }
        return pages;
    }

    @Test
    void aBadPageInUseMustEndTheBackupNamingIt() {
        Path database = scene.home.resolve("small.qdb");
        Map<Integer, Integer> pages = pagesByType(disk.contents(database), 4096);
        assertTrue(pages.size() >= 6, pages::toString);
        pages.forEach((type, at) -> {
            if (at < 2 * 4096) {
                return;
            }
            disk.corrupt(database, at + 99, 4);
            QuireException e = assertThrows(
                    QuireException.class, () -> scene.backup(Scene.BACKUP, Progress.NONE), () -> "type " + type);
            assertTrue(e.getMessage().contains(database.toString()), e::getMessage);
            assertTrue(e.getMessage().contains("page " + at / 4096), e::getMessage);
            assertEquals(Storage.Kind.NONE, disk.kind(Scene.BACKUP));
            disk.corrupt(database, at + 99, 4);
        });
        scene.backup(Scene.BACKUP, Progress.NONE);
        assertEquals(null, CrashJudge.whole(disk, end -> scene.contents(), 1));
    }

    @Test
    void aBadPageInABackupMustEndTheRestoreNamingTheFileThatStays() {
        scene.backup(Scene.BACKUP, Progress.NONE);
        Path copy = file("small.qdb");
        disk.corrupt(copy, AllocationLayout.FIRST_MAP_PAGE * 4096 + 99, 4);
        QuireException e = assertThrows(QuireException.class, () -> Scene.restore(disk, Scene.BACKUP, Scene.BACK, 1));
        assertTrue(e.getMessage().contains(copy.toString()), e::getMessage);
        assertEquals(Storage.Kind.NONE, disk.kind(Scene.BACK));
    }

    /** Fear: a map that has gone bad says that it is free itself: then it is not copied, and nobody looks at it. */
    @Test
    void aMapThatSaysThatItIsFreeItselfMustEndTheBackup() {
        long map = AllocationLayout.FIRST_MAP_PAGE * 4096L;
        disk.corrupt(scene.home.resolve("small.qdb"), map + AllocationLayout.ENTRIES_OFFSET, 0x40);
        QuireException e = assertThrows(QuireException.class, () -> scene.backup(Scene.BACKUP, Progress.NONE));
        assertEquals(QuireError.READ_VERIFY_FAILURE, e.error(), e.getMessage());
        assertEquals(Storage.Kind.NONE, disk.kind(Scene.BACKUP));
    }

    @Test
    void whatStandsInAFreePageMustNotMatter() {
        Path database = scene.home.resolve("small.qdb");
        long[] page = new long[1];
        scene.commit(s -> page[0] = s.allocate(Scene.SMALL, 1));
        scene.commit(s -> s.free(Scene.SMALL, page[0]));
        scene.instance.checkpoint();
        for (int i = 0; i < 4096; i += 7) {
            disk.corrupt(database, page[0] * 4096 + i, 0x55);
        }
        scene.backup(Scene.BACKUP, Progress.NONE);
        assertEquals(null, CrashJudge.whole(disk, end -> scene.contents(), 1));
    }

    @Test
    void aBadBatchInTheLogMustEndTheBackupNamingTheGeneration() {
        boolean[] done = new boolean[1];
        QuireException e = assertThrows(
                QuireException.class,
                () -> scene.backup(Scene.BACKUP, (phase, bytes, total) -> {
                    if (!done[0]) {
                        done[0] = true;
                        long from = scene.instance.engine().log().appended();
                        scene.commit(s -> s.put(Scene.SMALL, "a", 1, 3_000));
                        Path log = scene.home.resolve("log").resolve(String.format("%08x.qlog", from >>> 32));
                        disk.corrupt(log, (int) from + 1_000, 1);
                    }
                }));
        assertEquals(QuireError.LOG_READ_VERIFY_FAILURE, e.error());
        assertTrue(e.getMessage().contains(".qlog"), e::getMessage);
        assertEquals(Storage.Kind.NONE, disk.kind(Scene.BACKUP));
    }

    @Test
    void aByteOfAClosedGenerationAtRestMustEndTheBackupNamingIt() {
        closedGenerationAtRest(997, 60);
    }

    @Test
    @Tag("sweep")
    void manyBytesOfAClosedGenerationAtRestMustEndTheBackupNamingIt() {
        closedGenerationAtRest(61, 1_000);
    }

    /** Every byte is judged by the function with which a backup judges, in core; here is what comes of it. */
    private void closedGenerationAtRest(int stride, int least) {
        Scene kept = Scene.filled(3, config -> config.circularLogging(false));
        kept.instance.engine().log().roll();
        kept.work();
        kept.instance.close();
        SimDisk base = kept.disk();
        Path log = kept.home.resolve("log").resolve("00000001.qlog");
        int changed = 0;
        for (int at = 0; at < 64 << 10; at += at < 64 ? 7 : stride) {
            SimDisk image = base.crashImage(base.operationCount(), CrashPolicy.ALL, 0);
            image.recordTrace(false);
            image.corrupt(log, at, 1 << at % 8);
            Instance instance =
                    Scene.config(image, kept.home, 5).circularLogging(false).open();
            QuireException e = assertThrows(
                    QuireException.class, () -> Backup.full(instance, Scene.BACKUP, Progress.NONE), "offset " + at);
            assertEquals(QuireError.LOG_READ_VERIFY_FAILURE, e.error(), e::getMessage);
            assertTrue(e.getMessage().contains("00000001.qlog"), e::getMessage);
            assertEquals(Storage.Kind.NONE, image.kind(Scene.BACKUP));
            instance.halt();
            changed++;
        }
        assertTrue(changed >= least, "changed=" + changed);
    }

    @Test
    void everyByteOfAManifestMustBeJudged() {
        backedUp();
        Path manifest = Scene.BACKUP.resolve(Manifest.FILE);
        byte[] good = disk.contents(manifest);
        for (int i = 0; i < good.length; i++) {
            for (int mask : new int[] {1, 0x20, 0xFF}) {
                byte[] bad = good.clone();
                bad[i] ^= (byte) mask;
                disk.plant(manifest, bad);
                refusedManifest("byte " + i);
            }
        }
        for (int length = 0; length < good.length; length += 7) {
            disk.plant(manifest, Arrays.copyOf(good, length));
            refusedManifest("length " + length);
        }
        disk.plant(manifest, good);
        assertEquals(
                List.of(),
                BackupVerification.verify(disk, Scene.BACKUP, Progress.NONE).faults());
    }

    private void refusedManifest(String what) {
        QuireException e = assertThrows(QuireException.class, () -> Manifest.read(disk, Scene.BACKUP), what);
        assertEquals(QuireError.INVALID_BACKUP, e.error());
    }

    @Test
    void anyByteOfABackupMustBeJudged() {
        bytesOfABackup(331, 397, 300);
    }

    @Test
    @Tag("sweep")
    void manyBytesOfABackupMustBeJudged() {
        bytesOfABackup(5, 11, 20_000);
    }

    private void bytesOfABackup(int pageStride, int stride, int least) {
        List<String> names = backedUp();
        int changed = 0;
        for (String name : names) {
            if (!name.equals(Manifest.FILE)) {
                byte[] good = disk.contents(Scene.BACKUP.resolve(name));
                List<Integer> offsets = offsets(name, good, pageStride, stride);
                changed += offsets.size();
                for (int at : offsets) {
                    disk.corrupt(Scene.BACKUP.resolve(name), at, 0x10);
                    judge(name, at);
                    disk.corrupt(Scene.BACKUP.resolve(name), at, 0x10);
                }
            }
        }
        assertTrue(changed > least, "changed=" + changed);
        assertEquals(null, CrashJudge.whole(disk, end -> scene.at(end), 1));
    }

    /**
     * Of databases some bytes of the headers, of a page of each type and of everything, free pages as well; of maps and
     * logs some of the beginning.
     */
    private static List<Integer> offsets(String name, byte[] good, int pageStride, int stride) {
        List<Integer> offsets = new ArrayList<>();
        if (name.endsWith(".qdb")) {
            int pageSize = pageSize(name);
            for (int at = 0; at < good.length; at += 17 * pageStride) {
                offsets.add(at);
            }
            for (int at = 0; at < 400; at += 9) {
                offsets.add(at);
                offsets.add(pageSize + at);
            }
            pagesByType(good, pageSize).values().forEach(page -> {
                for (int at = 0; at < pageSize && page >= 2 * pageSize; at += at < 40 ? 1 : pageStride) {
                    offsets.add(page + at);
                }
            });
        } else {
            for (int at = 0; at < Math.min(good.length, 12_000); at += at < 64 ? 5 : stride) {
                offsets.add(at);
            }
        }
        return offsets;
    }

    /** Verification names the file, and so does a restore: it is refused, or says what was made good. */
    private void judge(String name, int at) {
        VerifyReport report = BackupVerification.verify(disk, Scene.BACKUP, Progress.NONE);
        String what = name + " at " + at;
        assertTrue((report.faults() + " " + report.rebuilt()).contains(name), () -> what + ": " + report.faults());
        if (at % 5 != 0) {
            return;
        }
        SimDisk image = disk.crashImage(disk.operationCount(), CrashPolicy.ALL, 0);
        image.recordTrace(false);
        if (report.isSound() || name.endsWith(".qdb") && at < 2 * pageSize(name)) {
            RestoreReport restored = Scene.restore(image, Scene.BACKUP, Scene.BACK, 1);
            assertTrue(restored.mended().toString().contains(name), () -> what + ": " + restored);
        } else {
            QuireException e = assertThrows(
                    QuireException.class,
                    () -> Scene.restore(image, Scene.BACKUP, Scene.BACK, 1),
                    () -> what + " restored");
            assertTrue(e.getMessage().contains(name), () -> what + ": " + e);
            assertEquals(Storage.Kind.NONE, image.kind(Scene.BACK));
        }
    }

    private static int pageSize(String name) {
        return name.endsWith("small.qdb") ? 4096 : 16384;
    }

    /** Fear: of a page that the log rebuilds nobody says that it was damaged. */
    @Test
    void aBadPageThatTheLogRebuildsMustBeNamedAndRestored() {
        long[] page = new long[1];
        scene.backup(Scene.BACKUP, new Progress() {
            private boolean done;

            @Override
            public void advance(Phase phase, long bytes, long total) {
                if (!done && phase == Phase.PAGES) {
                    done = true;
                    scene.commit(s -> page[0] = s.allocate(Scene.SMALL, 1));
                }
            }
        });
        Path copy = file("small.qdb");
        assertSound(List.of());
        disk.corrupt(copy, (int) page[0] * 4096 + 77, 4);
        String what = "does not verify, and the log of the backup rebuilds it: page " + page[0];
        assertSound(List.of(new Mended(copy, what)));
        RestoreReport restored = Scene.restore(disk, Scene.BACKUP, Scene.BACK, 1);
        assertEquals(List.of(new Mended(copy, what)), restored.mended());
        assertEquals(null, CrashJudge.holds(disk, Scene.BACK, scene.contents()));
    }

    private void assertSound(List<Mended> rebuilt) {
        VerifyReport report = BackupVerification.verify(disk, Scene.BACKUP, Progress.NONE);
        assertEquals(List.of(), report.faults());
        assertEquals(rebuilt, report.rebuilt());
    }

    /** Fear: what a free page of a copy holds is nobody's, so a medium that goes bad there is found out too late. */
    @Test
    void somethingInAFreePageOfACopyMustBeNamed() {
        scene.backup(Scene.BACKUP, Progress.NONE);
        Path copy = file("small.qdb");
        byte[] bytes = disk.contents(copy);
        int free = IntStream.range(2, bytes.length / 4096)
                .filter(page -> isZeros(bytes, page * 4096))
                .findFirst()
                .orElseThrow();
        for (int at : new int[] {free * 4096, free * 4096 + 4095}) {
            disk.corrupt(copy, at, 1);
            String what = "page " + free + " is free, says the map of the pages, and holds something ["
                    + QuireError.READ_VERIFY_FAILURE + " -1018] " + copy;
            VerifyReport report = BackupVerification.verify(disk, Scene.BACKUP, Progress.NONE);
            assertEquals(List.of(what), report.faults());
            QuireException e =
                    assertThrows(QuireException.class, () -> Scene.restore(disk, Scene.BACKUP, Scene.BACK, 1));
            assertTrue(e.getMessage().contains(what), e::getMessage);
            assertEquals(Storage.Kind.NONE, disk.kind(Scene.BACK));
            disk.corrupt(copy, at, 1);
        }
        assertSound(List.of());
    }

    private static boolean isZeros(byte[] bytes, int from) {
        return IntStream.range(from, from + 4096).allMatch(at -> bytes[at] == 0);
    }

    @Test
    void aDamagedHeaderOfACopyMustBeReportedAndTheOtherOneUsed() {
        backedUp();
        Path database = file("small.qdb");
        disk.corrupt(database, 50, 1);
        List<String> faults =
                BackupVerification.verify(disk, Scene.BACKUP, Progress.NONE).faults();
        assertTrue(faults.toString().contains("small.qdb"), faults::toString);
        disk.corrupt(database, 4096 + 50, 1);
        assertThrows(QuireException.class, () -> Scene.restore(disk, Scene.BACKUP, Scene.BACK, 1));
        disk.corrupt(database, 50, 1);
        RestoreReport restored = Scene.restore(disk, Scene.BACKUP, Scene.BACK, 1);
        assertEquals(
                List.of(database), restored.mended().stream().map(Mended::file).toList());
        long end = Manifest.read(disk, Scene.BACKUP).end();
        assertEquals(null, CrashJudge.holds(disk, Scene.BACK, scene.at(end)));
    }

    /** A disk that acknowledges a write and does not do it, or elsewhere, must not let it be published. */
    @Test
    void aManifestThatDidNotArriveMustNotBePublished() {
        int hit = 0;
        for (Fault fault : List.of(Fault.LOST_WRITE, Fault.MISDIRECTED_WRITE)) {
            QuireException refused = assertThrows(
                    QuireException.class,
                    () -> scene.backup(Scene.BACKUP, (phase, done, total) -> {
                        if (phase == Progress.Phase.PUBLISH && done == 0) {
                            disk.failAt(disk.operationCount(), fault, false);
                        }
                    }));
            assertTrue(refused.getMessage().contains(Manifest.MARK), refused::getMessage);
            assertEquals(++hit, disk.faultsHit());
            disk.clearFaults();
            assertEquals(Storage.Kind.NONE, disk.kind(Scene.BACKUP));
        }
        scene.backup(Scene.BACKUP, Progress.NONE);
    }

    @Test
    void aFileThatIsMissingCutOffLengthenedOrAnothersMustBeReported() {
        List<String> names = backedUp();
        Scene other = Scene.filled(2);
        other.backup(Scene.BACKUP, Progress.NONE);
        for (String name : names) {
            if (name.equals(Manifest.FILE)) {
                continue;
            }
            Path path = Scene.BACKUP.resolve(name);
            byte[] good = disk.contents(path);
            for (int length : new int[] {0, 1, 511, 4096, good.length / 2, good.length - 4096, good.length - 1}) {
                if (length >= 0 && length < good.length) {
                    disk.resize(path, length);
                    damaged(name, "cut off at " + length);
                    disk.plant(path, good);
                }
            }
            for (int more : new int[] {1, 4096, 16_384}) {
                disk.resize(path, good.length + more);
                damaged(name, "longer by " + more);
                disk.plant(path, good);
            }
            disk.rename(path, Scene.ROOT.resolve("aside"));
            damaged(name, "missing");
            disk.rename(Scene.ROOT.resolve("aside"), path);
            String suffix = name.substring(name.indexOf('.'));
            other.storage.list(Scene.BACKUP).stream()
                    .filter(each -> each.endsWith(suffix))
                    .filter(each -> !Arrays.equals(good, other.disk().contents(Scene.BACKUP.resolve(each))))
                    .forEach(each -> {
                        disk.plant(path, other.disk().contents(Scene.BACKUP.resolve(each)));
                        damaged(name, "another backup's");
                        disk.plant(path, good);
                    });
        }
        assertEquals(null, CrashJudge.whole(disk, end -> scene.at(end), 1));
    }

    /** Also if everything in front of the end is good. */
    @Test
    void aWrongLengthMustBeToldWithTheOneThatIsExpected() {
        backedUp();
        for (Path database : List.of(file("small.qdb"), file("large.qdb"))) {
            wrongLength(QuireError.BAD_BACKUP_DATABASE_SIZE, database, -16_384);
            wrongLength(QuireError.BAD_BACKUP_DATABASE_SIZE, database, 16_384);
        }
        wrongLength(QuireError.LOG_TORN_WRITE_DURING_HARD_RESTORE, file(".qlog"), -512);
        wrongLength(QuireError.LOG_CORRUPT_DURING_HARD_RESTORE, file(".qlog"), 512);
    }

    private void wrongLength(QuireError error, Path file, int more) {
        byte[] good = disk.contents(file);
        disk.resize(file, good.length + more);
        String told = "has " + (good.length + more) + " bytes, expected " + good.length;
        if (more > 0) { // of one that is cut off the page or batch is named at which it ends
            List<String> faults =
                    BackupVerification.verify(disk, Scene.BACKUP, Progress.NONE).faults();
            assertEquals(1, faults.size(), faults::toString);
            assertTrue(faults.get(0).contains(told) && faults.get(0).contains(error.name()), faults::toString);
        }
        QuireException e = assertThrows(QuireException.class, () -> Scene.restore(disk, Scene.BACKUP, Scene.BACK, 1));
        assertEquals(error, e.error());
        assertTrue(e.getMessage().contains(told), e::getMessage);
        disk.plant(file, good);
    }

    private void damaged(String name, String how) {
        String what = name + ' ' + how;
        List<String> faults =
                BackupVerification.verify(disk, Scene.BACKUP, Progress.NONE).faults();
        assertTrue(faults.toString().contains(name), () -> what + ": " + faults);
        assertThrows(
                QuireException.class, () -> Scene.restore(disk, Scene.BACKUP, Scene.BACK, 1), () -> what + " restored");
        assertEquals(Storage.Kind.NONE, disk.kind(Scene.BACK), what);
    }
}
