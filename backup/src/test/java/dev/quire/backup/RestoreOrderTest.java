package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
import dev.quire.io.sim.SimDisk;
import dev.quire.pages.AllocationLayout;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Two faults at once, of a set and of the log behind it: a restore and its plan tell the one that the Extensible
 * Storage Engine would come to first, wherever in the set the other one is.
 */
class RestoreOrderTest {

    private static final Path EARLIER = Scene.ROOT.resolve("earlier");
    private static final Path LATER = Scene.ROOT.resolve("later");
    private static final Path LIVE = Scene.ROOT.resolve("live");
    private static final Path EMPTY = Scene.ROOT.resolve("empty");

    private final ChainScene chain = new ChainScene(1);
    private final Scene scene = chain.scene;
    private final SimDisk disk = chain.disk();
    private final List<BackupReport> members = new ArrayList<>();
    private final Map<Path, byte[]> good = new HashMap<>();
    private byte[] foreign;
    private RestoreRequest.Draft draft;
    private Path rollForward = LIVE;

    /** Makes a fault, in a database of that name if it is in one; returns what is to be named. */
    private interface Fault {
        Path in(String database);
    }

    private record Step(QuireError error, Fault fault) {}

    /** In the order of BACKUP.md. In the log of the set the ones that are told first lie furthest behind. */
    private final List<Step> order = List.of(
            new Step(QuireError.MISSING_RESTORE_LOG_FILES, any -> spoil(ofSet(7), null)),
            new Step(QuireError.GIVEN_LOG_FILE_HAS_BAD_SIGNATURE, any -> spoil(ofSet(6), foreign)),
            new Step(QuireError.GIVEN_LOG_FILE_IS_NOT_CONTIGUOUS, any -> spoil(ofSet(5), good(ofSet(4)))),
            new Step(QuireError.FILE_NOT_FOUND, any -> rollForward = EMPTY),
            new Step(QuireError.EXISTING_LOG_FILE_HAS_BAD_SIGNATURE, any -> spoil(live(4), foreign)),
            new Step(QuireError.EXISTING_LOG_FILE_IS_NOT_CONTIGUOUS, any -> spoil(live(1), good(live(2)))),
            new Step(QuireError.MISSING_CURRENT_LOG_FILES, any -> spoil(live(3), null)),
            new Step(QuireError.FILE_NOT_FOUND, name -> spoil(copy(Scene.BACKUP, name, ".qdb"), null)),
            new Step(QuireError.DATABASE_CORRUPTED, this::corruptHeaders),
            new Step(
                    QuireError.RESTORE_OF_NON_BACKUP_DATABASE,
                    name -> spoil(copy(Scene.BACKUP, name, ".qdb"), good(scene.home.resolve(name + ".qdb")))),
            new Step(QuireError.DATABASE_PATCH_FILE_MISMATCH, name -> replace(name, Scene.BACKUP, other(name))),
            new Step(QuireError.ENDING_RESTORE_LOG_TOO_LOW, name -> replace(name, LATER, name)),
            new Step(QuireError.STARTING_RESTORE_LOG_TOO_HIGH, name -> replace(name, EARLIER, name)),
            new Step(QuireError.READ_VERIFY_FAILURE, name -> flip(copy(Scene.BACKUP, name, ".use"), 1)),
            new Step(QuireError.BAD_BACKUP_DATABASE_SIZE, name -> resize(copy(Scene.BACKUP, name, ".qdb"), 1)),
            new Step(QuireError.LOG_TORN_WRITE_DURING_HARD_RESTORE, any -> resize(ofSet(1), -512)),
            new Step(QuireError.LOG_CORRUPT_DURING_HARD_RESTORE, any -> flip(ofSet(2), 20)),
            new Step(QuireError.LOG_CORRUPT_DURING_HARD_RESTORE, any -> resize(ofSet(3), 512)),
            new Step(QuireError.LOG_CORRUPT_DURING_HARD_RESTORE, any -> flip(ofSet(0), good(ofSet(0)).length - 600)),
            new Step(QuireError.LOG_CORRUPT_DURING_HARD_RECOVERY, any -> flip(live(2), 8_192 + 700)),
            new Step(QuireError.ENDING_RESTORE_LOG_TOO_LOW, any -> behindTheEnd()),
            new Step(QuireError.DATABASE_NOT_FOUND, any -> nameOfNone()),
            new Step(QuireError.READ_VERIFY_FAILURE, name -> flip(copy(Scene.BACKUP, name, ".qdb"), pageOf(name))));

    @BeforeEach
    void takeAChainAndGoOn() {
        Scene other = Scene.filled(2, config -> config.circularLogging(false));
        foreign = other.disk().contents(LogFiles.path(other.home.resolve("log"), 1));
        foreign = Arrays.copyOf(foreign, 12_288);
        disk.recordTrace(false);
        chain.take(BackupKind.FULL, EARLIER);
        chain.generations(2);
        members.add(chain.full());
        for (int i = 0; i < 7; i++) {
            chain.work(2);
            members.add(chain.incremental());
        }
        chain.take(BackupKind.COPY, LATER);
        disk.createDirectory(LIVE);
        disk.createDirectory(EMPTY);
        for (int i = 0; i < 5; i++) {
            scene.commit(step -> step.put(Scene.SMALL, "live", 1, 12_000));
            scene.instance.engine().log().roll();
        }
        scene.instance.awaitDurable();
        Path log = scene.home.resolve("log");
        for (int generation : chain.logs()) {
            disk.plant(LogFiles.path(LIVE, generation), disk.contents(LogFiles.path(log, generation)));
        }
        scene.instance.close();
    }

    private Path ofSet(int number) {
        BackupReport member = members.get(number);
        return Scene.BACKUP.resolve(member.id() + '.' + LogFiles.name(member.generationLow()));
    }

    private Path live(int number) {
        return LogFiles.path(LIVE, members.get(members.size() - 1).generationHigh() + number);
    }

    private Path copy(Path backup, String name, String suffix) {
        return backup.resolve(disk.list(backup).stream()
                .filter(each -> each.endsWith('.' + name + suffix))
                .findFirst()
                .orElse(members.get(0).id() + '.' + name + suffix));
    }

    private static String other(String name) {
        return name.equals(Scene.SMALL) ? Scene.LARGE : Scene.SMALL;
    }

    private static int pageSize(String name) {
        return name.equals(Scene.SMALL) ? 4096 : 16_384;
    }

    private static int pageOf(String name) {
        return (int) AllocationLayout.FIRST_MAP_PAGE * pageSize(name) + 99;
    }

    /** As it was before anything was spoilt. */
    private byte[] good(Path file) {
        return good.getOrDefault(file, disk.contents(file));
    }

    /** Null takes it away. */
    private Path spoil(Path file, byte[] bytes) {
        good.putIfAbsent(file, disk.contents(file));
        if (bytes == null) {
            disk.delete(file);
        } else {
            disk.plant(file, bytes);
        }
        return file;
    }

    private Path flip(Path file, int at) {
        byte[] bad = disk.contents(file).clone();
        bad[at] ^= 4;
        return spoil(file, bad);
    }

    private Path resize(Path file, int bytes) {
        byte[] now = disk.contents(file);
        return spoil(file, Arrays.copyOf(now, now.length + bytes));
    }

    private Path replace(String name, Path backup, String by) {
        return spoil(copy(Scene.BACKUP, name, ".qdb"), good(copy(backup, by, ".qdb")));
    }

    private Path corruptHeaders(String name) {
        flip(copy(Scene.BACKUP, name, ".qdb"), 60);
        return flip(copy(Scene.BACKUP, name, ".qdb"), pageSize(name) + 60);
    }

    private Path behindTheEnd() {
        draft.untilLsn(Lsn.of(Integer.MAX_VALUE, 0));
        return Scene.BACKUP;
    }

    private Path nameOfNone() {
        draft.rename("none", "some");
        return Scene.BACKUP;
    }

    private void begin() {
        rollForward = LIVE;
        draft = RestoreRequest.of(Scene.BACKUP);
    }

    private void mend() {
        good.forEach(disk::plant);
        good.clear();
    }

    private void told(Step step, Path file, boolean planned, String what) {
        RestoreRequest.Draft asked = draft.rollForward(rollForward);
        QuireException refused = assertThrows(
                QuireException.class,
                () -> Restore.run(disk, asked.to(Scene.BACK).conclude(), false, Scene.signatures(9)),
                what);
        named(step, file, refused, what);
        assertTrue(disk.list(Scene.ROOT).stream().noneMatch(name -> name.startsWith("back.")), what);
        if (planned) {
            named(
                    step,
                    file,
                    assertThrows(QuireException.class, () -> Restore.plan(disk, asked.conclude()), what),
                    "plan: " + what);
        }
    }

    private static void named(Step step, Path file, QuireException told, String what) {
        assertEquals(step.error(), told.error(), () -> what + ": " + told.getMessage());
        assertTrue(told.getMessage().contains(file.getFileName().toString()), () -> what + ": " + told.getMessage());
    }

    @Test
    void aSetWithoutAFaultMustBeRestored() {
        begin();
        RestoreRequest request = draft.rollForward(LIVE).to(Scene.BACK).conclude();
        Restore.run(disk, request, false, Scene.signatures(9));
        assertEquals(null, CrashJudge.holds(disk, Scene.BACK, scene.contents()));
    }

    @Test
    void everyFaultMustBeToldByItself() {
        for (int i = 0; i < order.size(); i++) {
            begin();
            Path file = order.get(i).fault().in(Scene.SMALL);
            told(
                    order.get(i),
                    file,
                    i < order.size() - 1,
                    i + " " + order.get(i).error());
            mend();
        }
    }

    @Test
    void ofTwoFaultsTheOneThatComesFirstInTheOrderMustBeTold() {
        pairs(2);
    }

    @Test
    @Tag("sweep")
    void ofAnyTwoFaultsTheOneThatComesFirstInTheOrderMustBeTold() {
        pairs(order.size());
    }

    /** No further apart than that. Of the databases the first one has the fault that is told later. */
    private void pairs(int apart) {
        for (int first = 0; first < order.size(); first++) {
            for (int behind = first + 1; behind < Math.min(order.size(), first + apart + 1); behind++) {
                begin();
                order.get(behind).fault().in(Scene.SMALL);
                Path file = order.get(first).fault().in(Scene.LARGE);
                String what = first + " " + order.get(first).error() + " before " + behind + " "
                        + order.get(behind).error();
                told(order.get(first), file, true, what);
                mend();
            }
        }
    }

    /** A generation that cannot be read says nothing of its stream: the others still do. */
    @Test
    void ofOneGenerationTheStreamMustBeToldBeforeItsLength() {
        begin();
        Path file = spoil(ofSet(4), Arrays.copyOf(foreign, 8_192 + 512));
        told(order.get(1), file, true, "foreign and cut off");
        mend();
        begin();
        file = spoil(ofSet(4), Arrays.copyOf(good(ofSet(3)), good(ofSet(3)).length - 512));
        told(order.get(2), file, true, "another one and cut off");
        mend();
        begin();
        file = spoil(ofSet(4), new byte[100]);
        told(order.get(15), file, true, "cut off before anything can be read");
        spoil(ofSet(5), foreign);
        told(order.get(1), ofSet(5), true, "cut off, and another one foreign");
    }

    /** On which side of a gap a time lies is known when the log was read, and that is after all else. */
    @Test
    void aGapMustBeToldBeforeTheDatabasesOnlyIfThePointIsKnownToLieBehindIt() {
        int gap = LogFiles.generation(live(3).getFileName().toString());
        Map<String, Function<RestoreRequest.Draft, RestoreRequest.Draft>> behind = Map.of(
                "position", asked -> asked.untilLsn(Lsn.of(gap, 4_096)),
                "generation", asked -> asked.untilGeneration(gap),
                "name", asked -> asked.untilName("none"));
        Map<String, Function<RestoreRequest.Draft, RestoreRequest.Draft>> open = Map.of(
                "position", asked -> asked.untilLsn(Lsn.of(gap, 0)),
                "generation", asked -> asked.untilGeneration(gap - 1),
                "time", asked -> asked.untilTime(Instant.ofEpochMilli(Long.MAX_VALUE / 2)),
                "consent", asked -> asked.acceptLoss(true));
        Path missing = spoil(live(3), null);
        behind.forEach((what, point) -> {
            begin();
            Path database = corruptHeaders(Scene.SMALL);
            draft = point.apply(draft);
            told(order.get(6), missing, true, what);
            disk.plant(database, good(database));
        });
        Path database = corruptHeaders(Scene.SMALL);
        open.forEach((what, point) -> {
            begin();
            draft = point.apply(draft);
            told(order.get(8), database, true, what);
        });
    }
}
