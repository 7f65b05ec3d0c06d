package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CancelledException;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StorageFaultException;
import dev.quire.io.StoreFile;
import dev.quire.io.sim.SimDisk;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Fear: what other threads do behind the mover, verifying and forcing, is not waited for, or its failure is lost. Here
 * it is held up, so that a backup that does not wait has the time to be published.
 */
class BehindTheMoverTest {

    private static final long PATIENCE_MS = 200;
    private static final Path STAGE = Scene.BACK.resolveSibling(Scene.BACK.getFileName() + ".restoring");

    /** A disk, one kind of operation on one file that is made there held up, and failing if there is a fault. */
    private static final class HeldUp {

        final SimDisk disk;
        final AtomicInteger held = new AtomicInteger();
        private final AtomicInteger running = new AtomicInteger();
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch published = new CountDownLatch(1);
        private final Path directory;
        private final String suffix;
        private final String operation;
        private final RuntimeException fault;

        HeldUp(String suffix, String operation, RuntimeException fault) {
            this(new SimDisk(Scene.ROOT), Scene.BACKUP, suffix, operation, fault);
        }

        HeldUp(SimDisk disk, Path directory, String suffix, String operation, RuntimeException fault) {
            this.disk = disk;
            this.directory = directory;
            this.suffix = suffix;
            this.operation = operation;
            this.fault = fault;
        }

        Scene scene() {
            Scene scene = new Scene(storage(), Scene.ROOT, 1, config -> config.background(true));
            scene.fill();
            return scene;
        }

        Storage storage() {
            return Proxies.proxy(Storage.class, this::onStorage);
        }

        private Object onStorage(Method method, Object[] arguments) throws Throwable {
            if (method.getName().equals("rename") && ((Path) arguments[1]).endsWith(Manifest.FILE)) {
                published.countDown();
            }
            Object result = Proxies.invoke(method, disk, arguments);
            if (method.getName().equals("create") && isHeld((Path) arguments[0])) {
                return Proxies.proxy(StoreFile.class, (called, given) -> onFile(called, (StoreFile) result, given));
            }
            return result;
        }

        private boolean isHeld(Path path) {
            return path.startsWith(directory) && path.toString().endsWith(suffix);
        }

        private Object onFile(Method method, StoreFile file, Object[] arguments) throws Throwable {
            if (!method.getName().equals(operation)) {
                return Proxies.invoke(method, file, arguments);
            }
            running.incrementAndGet();
            begun.countDown();
            try {
                if (held.getAndIncrement() == 0) {
                    published.await(PATIENCE_MS, TimeUnit.MILLISECONDS);
                }
                if (fault != null) {
                    throw fault;
                }
                return Proxies.invoke(method, file, arguments);
            } finally {
                running.decrementAndGet();
            }
        }

        /** What is held up may be done by a thread that has not come to it yet. */
        void awaitBegun() {
            try {
                assertTrue(begun.await(1, TimeUnit.MINUTES));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        void judge(Scene scene) {
            assertTrue(held.get() > 0);
            assertEquals(0, running.get());
            assertEquals(1, published.getCount());
            assertEquals(Storage.Kind.NONE, disk.kind(Scene.BACKUP));
            scene.instance.close();
        }
    }

    @Test
    void aForceThatFailsLateMustEndTheBackup() {
        for (String file : List.of("small.qdb", "large.qdb", ".qlog")) {
            RuntimeException fault = new StorageFaultException(QuireError.DISK_IO, null, "late", null);
            HeldUp heldUp = new HeldUp(file, "force", fault);
            Scene scene = heldUp.scene();
            Throwable thrown =
                    assertThrows(StorageFaultException.class, () -> scene.backup(Scene.BACKUP, Progress.NONE));
            assertSame(fault, thrown);
            heldUp.judge(scene);
        }
    }

    @Test
    void aBadPageThatIsReadBackLateMustEndTheBackup() {
        for (String file : List.of("small.qdb", "large.qdb")) {
            HeldUp heldUp = new HeldUp(file, "read", null);
            Scene scene = heldUp.scene();
            heldUp.disk.corrupt(scene.home.resolve(file), 5 * 16384 + 99, 4);
            QuireException e = assertThrows(QuireException.class, () -> scene.backup(Scene.BACKUP, Progress.NONE));
            assertEquals(QuireError.READ_VERIFY_FAILURE, e.error(), e.getMessage());
            assertTrue(e.getMessage().contains(file), e.getMessage());
            heldUp.judge(scene);
        }
    }

    @Test
    void aForceThatFailsLateMustEndTheRestore() {
        Scene scene = Scene.filled(1);
        scene.backup(Scene.BACKUP, Progress.NONE);
        for (String file : List.of("small.qdb", "large.qdb")) {
            RuntimeException fault = new StorageFaultException(QuireError.DISK_IO, null, "late", null);
            HeldUp heldUp = new HeldUp(scene.disk(), STAGE, file, "force", fault);
            Throwable thrown = assertThrows(
                    StorageFaultException.class,
                    () -> Restore.restore(
                            heldUp.storage(), Scene.BACKUP, Scene.BACK, Progress.NONE, true, new Random(4)::nextLong));
            assertSame(fault, thrown);
            assertEquals(0, heldUp.running.get());
            assertEquals(Storage.Kind.NONE, scene.disk().kind(Scene.BACK));
            assertEquals(Storage.Kind.NONE, scene.disk().kind(STAGE));
        }
    }

    /** Otherwise it would use files that are closed and deleted, and a directory that is somebody else's. */
    @Test
    void nothingMustGoOnWhenABackupHasEnded() {
        for (String operation : List.of("force", "read")) {
            HeldUp heldUp = new HeldUp("large.qdb", operation, null);
            Scene scene = heldUp.scene();
            assertThrows(
                    CancelledException.class,
                    () -> scene.backup(
                            Scene.BACKUP, (phase, done, total) -> cancelAt(Progress.Phase.LOG, phase, heldUp)));
            heldUp.judge(scene);
        }
    }

    private static void cancelAt(Progress.Phase at, Progress.Phase phase, HeldUp heldUp) {
        if (phase == at) {
            heldUp.awaitBegun();
            throw new CancelledException(QuireError.BACKUP_ABORT_BY_CALLER, null, "enough", null);
        }
    }
}
