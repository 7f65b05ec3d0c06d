package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CorruptionException;
import dev.quire.io.EventKind;
import dev.quire.io.OperationEvent;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.RateLimit;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.sim.SimDisk;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fear: beside writers pages take another way, on which one is lost, torn, cut in two, or not looked at. */
class DirectPagesTest {

    private final SimDisk disk = new SimDisk(Scene.ROOT);
    private final Map<String, Integer> calls = new TreeMap<>();
    private boolean able = true;
    private int largestWrite;
    private int flaky;

    private Scene scene(long seed) {
        Scene scene = new Scene(Proxies.proxy(Storage.class, this::onStorage), Scene.ROOT, seed, config -> {});
        scene.fill();
        return scene;
    }

    /** Counts what is done with the files of databases: those of the instance, and their copies. */
    private Object onStorage(Method method, Object[] arguments) throws Throwable {
        Object result = Proxies.invoke(method, disk, arguments);
        if (!(result instanceof StoreFile)) {
            return result;
        }
        Path path = (Path) arguments[0];
        String side = path.startsWith(Scene.BACKUP) ? "copy" : "source";
        String name = path.getFileName().toString();
        return name.contains(".qdb")
                ? Proxies.proxy(
                        StoreFile.class, (called, given) -> onFile(called, side, name, (StoreFile) result, given))
                : result;
    }

    private Object onFile(Method method, String side, String name, StoreFile file, Object[] arguments)
            throws Throwable {
        calls.merge(side + ' ' + method.getName(), 1, Integer::sum);
        if (name.contains(Scene.LARGE)) {
            calls.merge(side + " of the large one " + method.getName(), 1, Integer::sum);
        }
        if (method.getName().equals("writeDirect")) {
            largestWrite = Math.max(largestWrite, ((ByteBuffer) arguments[0]).remaining());
        }
        if (flaky > 0 && side.equals("source") && method.getName().equals("read")) {
            return readWrongly((ByteBuffer) arguments[0], method, file, arguments);
        }
        return method.getName().equals("writeDirect") && !able ? false : Proxies.invoke(method, file, arguments);
    }

    private Object readWrongly(ByteBuffer into, Method method, StoreFile file, Object[] arguments) throws Throwable {
        flaky--;
        int at = into.position();
        Object result = Proxies.invoke(method, file, arguments);
        into.putInt(at + 99, ~into.getInt(at + 99));
        return result;
    }

    private int count(String call) {
        return calls.getOrDefault(call, 0);
    }

    /** In pieces of one page or extent, so that there are many. */
    static Progress inSmallPieces(Progress progress) {
        AtomicLong now = new AtomicLong();
        return progress.within(RateLimit.of(40 * 16384, now::get, now::addAndGet));
    }

    private void judge(Scene scene, BackupReport report) {
        VerifyReport verified = BackupVerification.verify(disk, Scene.BACKUP, Progress.NONE);
        assertEquals(List.of(), verified.faults());
        Scene.restore(disk, Scene.BACKUP, Scene.BACK, 2);
        assertEquals(null, CrashJudge.holds(disk, Scene.BACK, scene.at(report.end())));
        scene.instance.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void whatIsMovedByTurnsTheOneWayAndTheOtherMustBeWhole(long seed) {
        Scene scene = scene(seed);
        SplittableRandom random = new SplittableRandom(seed);
        calls.clear();
        able = seed % 4 != 0;
        BackupReport report = scene.backup(Scene.BACKUP, inSmallPieces((phase, done, total) -> {
            if (random.nextInt(3) == 0) {
                scene.work();
            }
        }));
        assertTrue(count("copy writeDirect") > 5, calls::toString);
        assertTrue(count("source transferTo") > 5, calls::toString);
        judge(scene, report);
    }

    @Test
    void besideAWriterNothingMustBeReadBackFromTheDisk() {
        Scene scene = scene(1);
        calls.clear();
        BackupReport report = scene.backup(
                Scene.BACKUP, (phase, done, total) -> scene.commit(step -> step.put(Scene.SMALL, "k", done, 10)));
        assertTrue(count("copy writeDirect") > 1, calls::toString);
        assertTrue(count("source transferTo") <= 2, "the first unit, and the rest of its last extent: " + calls);
        assertTrue(count("copy of the large one writeDirect") > 1, calls::toString);
        assertEquals(0, count("copy of the large one read"), calls::toString);
        judge(scene, report);
    }

    @Test
    void whileNobodyWritesBytesMustStayInsideOfTheSystem() {
        Scene scene = scene(1);
        calls.clear();
        BackupReport report = scene.backup(Scene.BACKUP, Progress.NONE);
        assertEquals(0, count("copy writeDirect"), calls::toString);
        assertTrue(count("source transferTo") > 0, calls::toString);
        assertTrue(count("copy read") > 0, calls::toString);
        judge(scene, report);
    }

    /** The first pages of all go the other way: nobody has written yet. */
    @Test
    void aBadPageInFrontOfTheFirstThatWentThisWayMustEndTheBackup() {
        Scene scene = scene(1);
        calls.clear();
        disk.corrupt(scene.home.resolve("small.qdb"), 5 * 4096 + 99, 4);
        Progress writing = (phase, done, total) -> {
            if (done > 2 * 4096) { // behind the headers
                scene.commit(step -> step.put(Scene.LARGE, "k", done, 10));
            }
        };
        CorruptionException e =
                assertThrows(CorruptionException.class, () -> scene.backup(Scene.BACKUP, inSmallPieces(writing)));
        assertTrue(e.getMessage().contains("page 5"), e.getMessage());
        assertTrue(count("source transferTo") > 0, calls::toString);
        assertTrue(count("copy writeDirect") > 1, calls::toString);
        scene.instance.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {Scene.SMALL, Scene.LARGE})
    void aBadPageMustEndTheBackupAlsoOnThisWay(String name) {
        Scene scene = scene(1);
        int pageSize = name.equals(Scene.SMALL) ? 4096 : 16384;
        long page = scene.pages.get(name.equals(Scene.SMALL) ? 0 : 1)[1];
        disk.corrupt(scene.home.resolve(name + ".qdb"), page * pageSize + 99, 4);
        calls.clear();
        Progress writing = (phase, done, total) -> scene.commit(step -> step.put(Scene.SMALL, "k", done, 10));
        CorruptionException e =
                assertThrows(CorruptionException.class, () -> scene.backup(Scene.BACKUP, inSmallPieces(writing)));
        assertEquals(QuireError.READ_VERIFY_FAILURE, e.error(), e.getMessage());
        assertTrue(e.getMessage().contains("page " + page), e.getMessage());
        assertTrue(count("copy writeDirect") > 1, calls::toString);
        assertEquals(Storage.Kind.NONE, disk.kind(Scene.BACKUP));
        scene.instance.close();
    }

    @Test
    void aPageThatVerifiesOnlyWhenItIsReadAgainMustBeToldOf() {
        Scene scene = scene(1);
        boolean[] done = new boolean[1];
        BackupReport report = scene.backup(Scene.BACKUP, inSmallPieces((phase, moved, total) -> {
            if (phase == Progress.Phase.PAGES) {
                flaky = done[0] ? 0 : 1;
                done[0] = true;
                scene.commit(step -> step.put(Scene.SMALL, "k", moved, 10));
            }
        }));
        List<OperationEvent> told = report.events().stream()
                .filter(event -> event.kind() == EventKind.READ_TWICE)
                .toList();
        assertEquals(1, told.size(), told::toString);
        judge(scene, report);
    }

    @Test
    void noMoreThanTheLimitAllowsMustBeWrittenAtOnceAlsoOfALongExtent() {
        Scene scene = scene(1);
        calls.clear();
        largestWrite = 0;
        Progress writing = (phase, done, total) -> scene.commit(step -> step.put(Scene.SMALL, "k", done, 10));
        judge(scene, scene.backup(Scene.BACKUP, inSmallPieces(writing)));
        assertTrue(count("copy writeDirect") > 5, calls::toString);
        assertEquals(16384, largestWrite);
    }
}
