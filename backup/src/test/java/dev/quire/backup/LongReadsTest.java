package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.durable.BackupKind;
import dev.quire.io.CancelledException;
import dev.quire.io.CorruptionException;
import dev.quire.io.ForwardingStorage;
import dev.quire.io.NotFoundException;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.RateLimit;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What reads much and writes nothing, a plan and the search before a restore and a verification, says how far it is,
 * keeps the limit by a clock that only waits move, and ends when it is told to.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LongReadsTest {

    private static final long RATE = 2 << 20;
    private static final double SECOND = 1e9;
    private static final int GENERATION_BYTES = 1 << 20;

    private final ChainScene chain = new ChainScene(1);
    private final Scene scene = chain.scene;
    private final AtomicLong now = new AtomicLong();
    private final Following following = new Following();
    private int restored;

    /** Follows done, total and first total of each phase; may end it, and waits on a clock of its own. */
    private final class Following implements Progress {

        private final RateLimit limit = RateLimit.of(RATE, now::get, now::addAndGet);
        private final Map<Phase, long[]> reached = new EnumMap<>(Phase.class);
        private int calls;
        private int last = Integer.MAX_VALUE;
        private RuntimeException thrown;

        @Override
        public synchronized void advance(Phase phase, long done, long total) {
            long[] before = reached.computeIfAbsent(phase, key -> new long[] {0, 0, total});
            assertTrue(done >= before[0] && done <= total, () -> phase + " " + done + " of " + total);
            before[0] = done;
            before[1] = total;
            if (++calls == last && thrown != null) {
                throw thrown;
            }
        }

        @Override
        public boolean isCancelled() {
            return calls >= last && thrown == null;
        }

        @Override
        public RateLimit limit() {
            return limit;
        }

        void begin(int at, RuntimeException what) {
            reached.clear();
            calls = 0;
            last = at;
            thrown = what;
        }

        void ended(Phase phase, long bytes) {
            long[] at = reached.get(phase);
            assertEquals(bytes, at[0], phase::name);
            assertEquals(bytes, at[1], phase::name);
        }
    }

    /** A set, and much log behind it. */
    @BeforeEach
    void fill() {
        chain.disk().recordTrace(false);
        chain.full();
        for (int i = 0; i < 24; i++) {
            int at = i;
            scene.commit(step -> step.put(Scene.LARGE, "v" + at, at, 90_000));
        }
        scene.instance.awaitDurable();
    }

    private RestoreRequest.Draft draft() {
        return RestoreRequest.of(Scene.BACKUP).rollForward(scene.home).progress(following);
    }

    private long waited() {
        return (long) (RATE * (now.getAndSet(0) / SECOND));
    }

    private static void about(long expected, long bytes) {
        assertTrue(bytes > 0.95 * expected && bytes < 1.05 * expected, "bytes=" + bytes + " expected=" + expected);
    }

    private long setBytes() {
        return BackupSet.read(scene.storage, Scene.BACKUP).full().logBytes();
    }

    /** What is read of the log behind the set: to find its end, which takes the rest of the last file, and again. */
    private long liveBytes() {
        long end = scene.instance.engine().log().appended();
        long first = BackupSet.read(scene.storage, Scene.BACKUP).full().generationHigh() + 1L;
        long bytes = (Lsn.generation(end) - first) * GENERATION_BYTES;
        assertTrue(bytes >= GENERATION_BYTES, "some generations");
        return bytes + GENERATION_BYTES + bytes + Lsn.offset(end);
    }

    // ------------------------------------------------------------------ plan

    @Test
    void aPlanMustKeepTheLimitAndTellHowFarItIs() {
        RestorePlan plan = Restore.plan(scene.storage, draft().conclude());
        assertTrue(plan.rolledForward() >= 2);
        long expected = setBytes() + liveBytes();
        about(expected, waited());
        about(expected, following.reached.get(Progress.Phase.LOG)[0]);
        following.ended(Progress.Phase.LOG, following.reached.get(Progress.Phase.LOG)[1]);
        assertTrue(following.calls > expected / (GENERATION_BYTES / 4), "calls=" + following.calls);
    }

    @Test
    void aPlanOfTheSetAloneMustDoSoAsWell() {
        Restore.plan(
                scene.storage,
                RestoreRequest.of(Scene.BACKUP).progress(following).conclude());
        about(setBytes(), waited());
        following.ended(Progress.Phase.LOG, setBytes());
    }

    /** Log that was lost is read again to be sure, and once more up to there. */
    @Test
    void aPlanThatAcceptsALossMustKeepTheLimitInWhatItReadsAgain() {
        int first = BackupSet.read(scene.storage, Scene.BACKUP).full().generationHigh() + 1;
        chain.disk().corrupt(LogFiles.path(scene.home.resolve("log"), first), GENERATION_BYTES / 2, 1);
        RestorePlan plan = Restore.plan(scene.storage, draft().acceptLoss(true).conclude());
        assertTrue(plan.lostFrom() != 0);
        about(setBytes() + 4L * Lsn.offset(plan.lostFrom()), waited());
    }

    @Test
    void aPlanMustEndAtWhicheverReportItIsToldTo() {
        endsAnywhere(
                progress ->
                        Restore.plan(scene.storage, draft().progress(progress).conclude()),
                List.of(
                        new IndexOutOfBoundsException("mine"),
                        new CorruptionException(QuireError.LOG_FILE_CORRUPT, null, "mine", null),
                        new NotFoundException(QuireError.FILE_NOT_FOUND, null, "mine", null)));
    }

    /** What a listener throws is no fault of the log, which might be accepted as a loss. */
    @Test
    void whatAListenerThrowsMustNotPassForALoss() {
        endsAnywhere(
                progress -> Restore.plan(
                        scene.storage,
                        draft().acceptLoss(true).progress(progress).conclude()),
                List.of(new CorruptionException(QuireError.LOG_FILE_CORRUPT, null, "mine", null)));
    }

    private void endsAnywhere(Consumer<Progress> operation, List<RuntimeException> thrown) {
        following.begin(Integer.MAX_VALUE, null);
        operation.accept(following);
        int all = following.calls;
        assertTrue(all > 10, "calls=" + all);
        for (int at = 1; at <= all; at++) {
            following.begin(at, null);
            CancelledException e = assertThrows(CancelledException.class, () -> operation.accept(following));
            assertEquals(QuireError.BACKUP_ABORT_BY_CALLER, e.error());
            assertEquals(at, following.calls, "it ends at once");
            for (RuntimeException each : thrown) {
                following.begin(at, each);
                assertSame(each, assertThrows(RuntimeException.class, () -> operation.accept(following)));
            }
        }
    }

    // ------------------------------------------------------------------ restore

    @Test
    void aRestoreMustKeepTheLimitWhileItLooksAndWhileItCopiesLog() {
        RestoreReport report = restore();
        long copied = following.reached.get(Progress.Phase.PAGES)[0];
        long log = report.bytes() - copied;
        long told = setBytes() + liveBytes() + log;
        about(told, following.reached.get(Progress.Phase.LOG)[0]);
        following.ended(Progress.Phase.LOG, following.reached.get(Progress.Phase.LOG)[1]);
        long replayed = following.reached.get(Progress.Phase.REPLAY)[0];
        about(told + copied + replayed, waited());
    }

    @Test
    void aRestoreMustBeCancelledWhileItReadsLog() {
        restore();
        int all = following.calls;
        for (int at = 1; at < all; at += 7) {
            following.begin(at, null);
            assertThrows(CancelledException.class, this::restore);
            assertEquals(Storage.Kind.NONE, scene.storage.kind(Scene.ROOT.resolve("back" + restored)));
        }
        following.begin(Integer.MAX_VALUE, null);
        restore();
        assertEquals(null, CrashJudge.holds(chain.disk(), Scene.ROOT.resolve("back" + restored), scene.contents()));
    }

    @Test
    void whatAListenerThrowsInARestoreMustComeOutOfIt() {
        restore();
        int all = following.calls;
        for (int at = 1; at < all; at += 11) {
            RuntimeException mine = at % 2 == 0
                    ? new NotFoundException(QuireError.FILE_NOT_FOUND, null, "mine", null)
                    : new CorruptionException(QuireError.LOG_FILE_CORRUPT, null, "mine", null);
            following.begin(at, mine);
            assertSame(mine, assertThrows(RuntimeException.class, this::restore));
            assertEquals(Storage.Kind.NONE, scene.storage.kind(Scene.ROOT.resolve("back" + restored)));
        }
    }

    private RestoreReport restore() {
        return Restore.run(
                scene.storage,
                draft().to(Scene.ROOT.resolve("back" + ++restored)).conclude(),
                false,
                Scene.signatures(40 + restored));
    }

    // ------------------------------------------------------------------ recovery

    @Test
    void aRecoveryMustEndAtWhicheverReportItIsToldToAndBeginAgain() {
        scene.instance.halt();
        SimDisk crashed = image(chain.disk());
        open(image(crashed)).close();
        int all = following.calls;
        assertTrue(all > 10, "calls=" + all);
        for (int at = 1; at <= all; at++) {
            SimDisk image = image(crashed);
            following.begin(at, null);
            assertThrows(CancelledException.class, () -> open(image));
            following.begin(Integer.MAX_VALUE, null);
            try (Instance again = open(image)) {
                assertEquals(scene.contents().digest(), Contents.of(again).digest(), "cancelled at " + at);
            }
        }
    }

    private static SimDisk image(SimDisk of) {
        SimDisk image = of.crashImage(of.operationCount(), CrashPolicy.ALL, 0);
        image.recordTrace(false);
        return image;
    }

    private Instance open(SimDisk disk) {
        return Scene.config(disk, scene.home, 7)
                .circularLogging(false)
                .progress(following)
                .open();
    }

    // ------------------------------------------------------------------ verification

    /** Many extents of it lie across the pieces that such a limit makes. */
    @Test
    void aVerificationMustReadNothingTwiceAndCountWhatItReads() {
        chain.take(BackupKind.COPY, ChainScene.COPY);
        AtomicLong read = new AtomicLong();
        Storage counting = new ForwardingStorage(scene.storage) {
            @Override
            protected StoreFile wrap(StoreFile file) {
                return new ForwardingFile(file) {
                    @Override
                    public int read(ByteBuffer target, long position) {
                        int bytes = super.read(target, position);
                        String name = path().getFileName().toString();
                        int pageSize = name.contains(Scene.SMALL) ? 4096 : 16384;
                        read.addAndGet(name.endsWith(".qdb") && position >= 2 * pageSize ? bytes : 0);
                        return bytes;
                    }
                };
            }
        };
        VerifyReport report = BackupVerification.verify(counting, ChainScene.COPY, following);
        assertTrue(report.isSound());
        assertEquals(pagesBytes(report.manifest()), read.get());
        about(read.get() + report.logBytes(), waited());
        following.ended(Progress.Phase.VERIFY, report.pageBytes());
        following.ended(Progress.Phase.LOG, report.logBytes());
        assertEquals(report.pageBytes(), following.reached.get(Progress.Phase.VERIFY)[2], "known at the beginning");
        assertEquals(report.logBytes(), following.reached.get(Progress.Phase.LOG)[2], "known at the beginning");
    }

    /** Nothing of it passes for a fault of the backup, which would be told at the end. */
    @Test
    void whatAListenerThrowsInAVerificationMustComeOutOfIt() {
        assertTrue(BackupVerification.verify(scene.storage, Scene.BACKUP, following)
                .isSound());
        int all = following.calls;
        for (int at = 1; at <= all; at++) {
            RuntimeException mine = new CorruptionException(QuireError.READ_VERIFY_FAILURE, null, "mine", null);
            following.begin(at, mine);
            assertSame(
                    mine,
                    assertThrows(
                            RuntimeException.class,
                            () -> BackupVerification.verify(scene.storage, Scene.BACKUP, following)));
        }
    }

    /** From the first page behind the headers to the last one in use. */
    private long pagesBytes(Manifest copy) {
        long bytes = 0;
        for (Manifest.CopiedDatabase each : copy.databases()) {
            UsageMap use =
                    UsageMap.read(scene.storage, copy.usageFile(ChainScene.COPY, each), each.useBytes(), each.useCrc());
            bytes += (use.end() - 2) * each.attachment().pageSize();
        }
        return bytes;
    }
}
