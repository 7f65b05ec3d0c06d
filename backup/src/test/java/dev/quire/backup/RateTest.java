package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.RateLimit;
import dev.quire.io.Storage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What moves bytes keeps the limit, with nothing in hand while it waits, by a clock that only waits move. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RateTest {

    private static final long RATE = 1 << 20;
    private static final double SECOND = 1e9;

    private final ChainScene chain = new ChainScene(1);
    private final Scene scene = chain.scene;
    private final AtomicLong now = new AtomicLong();

    private Progress limited(LongConsumer sleeper) {
        return Progress.NONE.within(RateLimit.of(RATE, now::get, nanos -> {
            now.addAndGet(nanos);
            sleeper.accept(nanos);
        }));
    }

    private void took(long bytes) {
        double share = bytes / (RATE * (now.getAndSet(now.get()) / SECOND));
        assertTrue(share > 0.95 && share < 1.05, () -> "bytes=" + bytes + " nanos=" + now + " share=" + share);
    }

    private BackupReport full(Progress progress) {
        return Backup.run(
                scene.instance,
                BackupRequest.of(BackupKind.FULL)
                        .to(Scene.BACKUP)
                        .createPathIfNotExist(true)
                        .progress(progress)
                        .conclude());
    }

    @Test
    void aBackupMustKeepTheLimitAndHoldNothingMeanwhile() {
        int[] waits = new int[1];
        BackupReport report = full(limited(nanos -> {
            waits[0]++;
            // Needs the latch for itself, and the checkpointer.
            scene.instance.checkpoint();
            if (waits[0] % 4 == 0) {
                scene.commit(step -> step.put(Scene.SMALL, "k", waits[0], 50));
            }
        }));
        took(report.pageBytes() + report.logBytes());
        assertTrue(waits[0] > 20);
        chain.holds(Scene.BACKUP, report.consistentFrom());
    }

    @Test
    void aBackupMustBeCancelledWhileItWaits() {
        boolean[] cancelled = new boolean[1];
        Progress cancelling = new Progress() {
            private final RateLimit limit = RateLimit.of(4096, now::get, nanos -> {
                now.addAndGet(nanos);
                cancelled[0] = now.get() > SECOND / 4;
            });

            @Override
            public void advance(Phase phase, long done, long total) {
                assertTrue(!cancelled[0], "it must end in the wait");
            }

            @Override
            public boolean isCancelled() {
                return cancelled[0];
            }

            @Override
            public RateLimit limit() {
                return limit;
            }
        };
        QuireException e = assertThrows(QuireException.class, () -> full(cancelling));
        assertEquals(QuireError.BACKUP_ABORT_BY_CALLER, e.error());
        assertEquals(Storage.Kind.NONE, scene.storage.kind(Scene.BACKUP));
        full(Progress.NONE);
    }

    @Test
    void aVerificationMustKeepTheLimit() {
        BackupReport report = full(Progress.NONE);
        BackupVerification.verify(scene.storage, Scene.BACKUP, limited(nanos -> {}));
        // What it reads of a database goes from its first page to its last one in use.
        long databases = 0;
        for (String name : scene.storage.list(Scene.BACKUP)) {
            databases += name.endsWith(".qdb") ? scene.disk().contents(Scene.BACKUP.resolve(name)).length : 0;
        }
        double bytes = RATE * (now.get() / SECOND);
        assertTrue(bytes > 0.95 * (report.pageBytes() + report.logBytes()), () -> "" + bytes);
        assertTrue(bytes < 1.05 * (databases + report.logBytes()), "" + bytes);
    }

    @Test
    void aRestoreMustKeepTheLimitAlsoWhileItReplays() {
        BackupReport report = full(Progress.NONE);
        long pages = scene.storage.list(Scene.BACKUP).stream() // free ones as well, which are looked at
                .filter(name -> name.endsWith(".qdb"))
                .mapToLong(name -> scene.disk().contents(Scene.BACKUP.resolve(name)).length)
                .sum();
        assertTrue(pages > 1.1 * report.pageBytes(), () -> "pages=" + pages + " of " + report.pageBytes());
        Restore.restore(scene.storage, Scene.BACKUP, Scene.BACK, limited(nanos -> {}), false, Scene.signatures(5));
        double bytes = RATE * (now.get() / SECOND);
        assertTrue(bytes > 0.95 * (pages + report.logBytes()), () -> "" + bytes);
        assertTrue(bytes < 1.05 * (pages + 2 * report.logBytes()), () -> "" + bytes);
    }

    @Test
    void aCheckMustKeepTheLimit() {
        long pages = full(Progress.NONE).pageBytes() - 2 * (4096 + 16384);
        scene.instance.check(limited(nanos -> scene.commit(step -> step.put(Scene.SMALL, "k", 1, 50))));
        double bytes = RATE * (now.get() / SECOND);
        assertTrue(bytes > 0.9 * pages && bytes < 2.1 * pages, () -> "bytes=" + bytes + " pages=" + pages);
    }

    @Test
    void aRecoveryMustKeepTheLimitTellHowFarItIsAndEndWhenItIsToldTo() {
        for (int i = 0; i < 40; i++) {
            int at = i;
            scene.commit(step -> step.put(Scene.LARGE, "v" + at, at, 90_000));
        }
        long log = scene.instance.engine().depthBytes();
        scene.instance.halt();
        long[] last = new long[2];
        Progress counting = (phase, done, total) -> {
            assertEquals(Progress.Phase.REPLAY, phase);
            assertTrue(done >= last[0] && total >= done, () -> done + " of " + total + " behind " + last[0]);
            last[0] = done;
            last[1]++;
            if (last[1] == 3) {
                throw new IllegalStateException("enough");
            }
        };
        assertThrows(
                IllegalStateException.class,
                () -> Scene.config(scene.storage, scene.home, 7)
                        .circularLogging(false)
                        .progress(counting)
                        .open());
        last[0] = 0;
        scene.instance = Scene.config(scene.storage, scene.home, 7)
                .circularLogging(false)
                .progress(counting.within(limited(nanos -> {}).limit()))
                .open();
        assertTrue(last[1] > 5, () -> "steps=" + last[1]);
        double bytes = RATE * (now.get() / SECOND);
        assertTrue(bytes > 0.9 * log && bytes < 2.1 * log, () -> "bytes=" + bytes + " log=" + log);
        assertEquals(scene.contents().digest(), Contents.of(scene.instance).digest());
    }
}
