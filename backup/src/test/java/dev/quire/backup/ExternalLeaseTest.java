package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.sim.SimDisk;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fear: somebody begins a backup and never ends it, and the instance stays in backup for ever. */
class ExternalLeaseTest {

    private static final long LEASE_MS = 1_000_000;

    private final AtomicLong now = new AtomicLong(1_000);
    private final ExternalRequest request = ExternalRequest.of(BackupKind.FULL).lease(Duration.ofMillis(LEASE_MS));
    private Scene scene = Scene.filled(1, config -> config.clock(now::incrementAndGet));

    private ExternalBackup begin() {
        return ExternalBackup.begin(scene.instance, request);
    }

    private void isOver(ExternalBackup backup) {
        ChainScene.refused(QuireError.BACKUP_ABORT_BY_SERVER, backup::databases);
        ChainScene.refused(QuireError.BACKUP_ABORT_BY_SERVER, () -> backup.end(ExternalBackup.End.NORMAL));
    }

    @Test
    void whenTheLeaseIsOverWhoeverWantsThePlaceMustGetIt() {
        List<Runnable> wishes = List.of(
                () -> begin().close(),
                () -> scene.backup(Scene.BACKUP, Progress.NONE),
                () -> Backup.run(
                        scene.instance,
                        BackupRequest.of(BackupKind.TRUNCATE_ONLY).conclude()),
                () -> scene.instance.detach(Scene.SMALL),
                () -> scene.instance.attach(Scene.SMALL),
                scene.instance::close);
        for (Runnable wish : wishes) {
            ExternalBackup backup = begin();
            ChainScene.refused(QuireError.BACKUP_IN_PROGRESS, wish::run);
            assertEquals(
                    scene.instance.databases().size() * 2, backup.databases().size());
            now.addAndGet(LEASE_MS + 1);
            wish.run();
            isOver(backup);
            backup.close();
        }
    }

    @Test
    void everyCallMustRenewTheLease() {
        try (ExternalBackup backup = begin();
                ExternalReader reader = backup.open(backup.databases().get(0).name())) {
            for (int i = 0; i < 10; i++) {
                now.addAndGet(LEASE_MS * 2 / 3);
                switch (i % 4) {
                    case 0 -> backup.databases();
                    case 1 -> assertEquals(1, reader.read(ByteBuffer.allocate(1)));
                    case 2 -> backup.stay();
                    default -> backup.open(backup.databases().get(1).name()).close();
                }
                now.addAndGet(LEASE_MS * 2 / 3);
                ChainScene.refused(QuireError.BACKUP_IN_PROGRESS, this::begin);
                if (i % 4 == 1) {
                    assertEquals(0, reader.skipFree());
                } else {
                    backup.databases();
                }
                ChainScene.refused(QuireError.BACKUP_IN_PROGRESS, this::begin);
            }
        }
    }

    @Test
    void aClockThatIsSetBackMustNotMakeALeaseLonger() {
        now.set(1L << 40);
        ExternalBackup backup = begin();
        now.set(1L << 30);
        ChainScene.refused(QuireError.BACKUP_IN_PROGRESS, this::begin);
        now.addAndGet(LEASE_MS + 1);
        begin().close();
        isOver(backup);
    }

    @Test
    void aThreadThatHasEndedMustNotKeepThePlace() throws InterruptedException {
        ExternalBackup[] begun = new ExternalBackup[1];
        Thread thread = new Thread(() -> begun[0] = begin());
        thread.start();
        thread.join();
        ChainScene.refused(QuireError.BACKUP_IN_PROGRESS, this::begin);
        now.addAndGet(LEASE_MS + 1);
        begin().close();
        isOver(begun[0]);
    }

    @Test
    void aBackupThatNobodyCanCallAnyMoreMustLeaveThePlace() throws InterruptedException {
        abandon();
        boolean free = false;
        for (int i = 0; i < 1_000 && !free; i++) {
            System.gc();
            Thread.sleep(5);
            free = scene.instance.engine().backup().leaveIfAbandoned();
        }
        assertTrue(free);
        begin().close();
    }

    private void abandon() {
        assertNotNull(begin());
    }

    @Test
    void aReaderThatIsThereMustKeepItsBackupThere() throws InterruptedException {
        ExternalReader reader = readerAlone();
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(5);
            assertFalse(scene.instance.engine().backup().leaveIfAbandoned());
        }
        assertEquals(1, reader.read(ByteBuffer.allocate(1)));
    }

    private ExternalReader readerAlone() {
        ExternalBackup backup = begin();
        return backup.open(backup.databases().get(0).name());
    }

    @Test
    @Timeout(120)
    void anInstanceMustEndAnAbandonedBackupByItselfAndLetItsLogGo() throws InterruptedException {
        scene = Scene.filled(
                2,
                config ->
                        config.background(true).clock(System::currentTimeMillis).checkpointIntervalMs(100));
        ExternalBackup backup = ExternalBackup.begin(
                scene.instance, ExternalRequest.of(BackupKind.FULL).lease(Duration.ofMillis(1)));
        while (scene.instance.engine().backup().isTaken()) {
            Thread.sleep(5);
        }
        isOver(backup);
        scene.instance.close();
    }

    /** Fear: the place is given away while somebody still reads, and what he reads from is closed or written anew. */
    @Test
    @Timeout(120)
    void aBackupThatIsBeingReadMustNotBeEnded() throws InterruptedException {
        SimDisk disk = new SimDisk(Scene.ROOT);
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Storage storage = Proxies.proxy(Storage.class, (method, given) -> {
            Object result = Proxies.invoke(method, disk, given);
            return result instanceof StoreFile && ((Path) given[0]).toString().contains("small.qdb")
                    ? Proxies.proxy(StoreFile.class, (called, arguments) -> {
                        if (isRead(called) && Thread.currentThread().getName().equals("reader")) {
                            reading.countDown();
                            goOn.await();
                        }
                        return Proxies.invoke(called, result, arguments);
                    })
                    : result;
        });
        scene = new Scene(storage, Scene.ROOT, 1, config -> config.clock(now::incrementAndGet));
        scene.fill();
        ExternalBackup backup = begin();
        ExternalReader reader = backup.openAt(backup.id() + ".small.qdb", 2 * 4096);
        int[] read = new int[1];
        Thread thread = new Thread(() -> read[0] = reader.read(ByteBuffer.allocate(4096)), "reader");
        thread.start();
        reading.await();
        now.addAndGet(2 * LEASE_MS);
        ChainScene.refused(QuireError.BACKUP_IN_PROGRESS, this::begin);
        ChainScene.refused(QuireError.BACKUP_IN_PROGRESS, scene.instance::close);
        ChainScene.refused(QuireError.SESSION_SHARING_VIOLATION, () -> reader.read(ByteBuffer.allocate(1)));
        ChainScene.refused(QuireError.SESSION_SHARING_VIOLATION, reader::close);
        goOn.countDown();
        thread.join();
        assertEquals(4096, read[0]);
        ChainScene.refused(QuireError.BACKUP_IN_PROGRESS, this::begin);
        backup.close();
        scene.instance.close();
    }

    private static boolean isRead(Method called) {
        return called.getName().equals("read") && called.getParameterTypes()[0] == ByteBuffer.class;
    }
}
