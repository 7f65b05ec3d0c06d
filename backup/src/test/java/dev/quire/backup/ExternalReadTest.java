package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StorageFaultException;
import dev.quire.io.StoreFile;
import dev.quire.io.log.LogFiles;
import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import dev.quire.io.sim.SimDisk;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a reader of an external backup sees of damage, and what others notice of him. */
class ExternalReadTest {

    private final SimDisk disk = new SimDisk(Scene.ROOT);
    private final AtomicInteger writes = new AtomicInteger();
    private Disturbance disturbance = (file, target, position) -> {};
    private int longest;
    private Thread checkpoint;
    private Scene scene;

    /** What happens behind a read of pages by a backup. */
    private interface Disturbance {
        void behind(StoreFile file, ByteBuffer target, long position);
    }

    private Scene open() {
        Storage storage = Proxies.proxy(Storage.class, (method, given) -> {
            Object result = Proxies.invoke(method, disk, given);
            return result instanceof StoreFile file
                            && ((Path) given[0]).toString().contains("small.qdb")
                    ? Proxies.proxy(StoreFile.class, (called, arguments) -> onFile(file, called, arguments))
                    : result;
        });
        scene = new Scene(storage, Scene.ROOT, 1, config -> {});
        scene.fill();
        return scene;
    }

    private Object onFile(StoreFile file, Method called, Object[] arguments) throws Throwable {
        if (called.getName().equals("write")
                && (long) arguments[1] >= 2 * 4096
                && Thread.currentThread() == checkpoint) {
            writes.incrementAndGet();
        }
        if (called.getName().equals("read") && arguments[0] instanceof ByteBuffer target) {
            longest = Math.max(longest, target.remaining());
        }
        Object result = Proxies.invoke(called, file, arguments);
        if (called.getName().equals("read") && arguments[0] instanceof ByteBuffer target) {
            disturbance.behind(file, target, (long) arguments[1]);
        }
        return result;
    }

    private ExternalBackup begin() {
        return ExternalBackup.begin(scene.instance, ExternalRequest.of(BackupKind.FULL));
    }

    private Puller puller() {
        return new Puller(scene.storage, () -> {});
    }

    private void restores() {
        assertEquals(null, CrashJudge.whole(disk, end -> scene.at(end), 1));
    }

    /** A page in use, not the first of its file. */
    private long page() {
        return scene.pages.get(0)[1];
    }

    @Test
    void aBadPageMustEndTheBackupWhenTheLogWasReadNamingIt() {
        open();
        Path database = scene.home.resolve("small.qdb");
        disk.corrupt(database, (int) page() * 4096 + 99, 4);
        try (ExternalBackup backup = begin()) {
            QuireException e = assertThrows(
                    QuireException.class, () -> puller().pull(backup, BackupKind.FULL, Scene.BACKUP, true));
            assertEquals(QuireError.READ_VERIFY_FAILURE, e.error());
            assertTrue(e.getMessage().contains(database.toString()), e::getMessage);
            assertTrue(e.getMessage().contains("page " + page()), e::getMessage);
            ChainScene.refused(QuireError.NO_BACKUP, backup::manifest);
            ChainScene.refused(QuireError.NO_BACKUP, () -> backup.end(ExternalBackup.End.NORMAL));
        }
        assertEquals(
                0,
                scene.instance
                        .engine()
                        .databases()
                        .iterator()
                        .next()
                        .file()
                        .header()
                        .full()
                        .generationHigh());
        disk.corrupt(database, (int) page() * 4096 + 99, 4);
        Path again = Scene.ROOT.resolve("again");
        puller().take(scene.instance, ExternalRequest.of(BackupKind.FULL), again);
    }

    @Test
    void aPageThatVerifiesWhenItIsReadAgainMustBeGood() {
        open();
        int[] turned = new int[1];
        try (ExternalBackup backup = begin()) {
            disturbance = (file, target, position) -> {
                int at = (int) (page() * 4096 - position) + 99;
                if (at >= 0 && at < target.position() && turned[0]++ == 0) {
                    target.put(at, (byte) ~target.get(at));
                }
            };
            puller().pull(backup, BackupKind.FULL, Scene.BACKUP, true);
            backup.end(ExternalBackup.End.NORMAL);
        }
        assertEquals(2, turned[0]);
        restores();
    }

    @Test
    void aPageThatCannotBeReadMustBeNamedAndTheOthersBeRead() {
        open();
        try (ExternalBackup backup = begin()) {
            disturbance = (file, target, position) -> {
                long at = page() * 4096 - position;
                if (at >= 0 && at < target.position()) {
                    throw new StorageFaultException(QuireError.DISK_IO, file.path(), "cannot be read", null);
                }
            };
            QuireException e = assertThrows(
                    QuireException.class, () -> puller().pull(backup, BackupKind.FULL, Scene.BACKUP, true));
            assertEquals(QuireError.READ_VERIFY_FAILURE, e.error());
            assertTrue(e.getMessage().contains("bad pages: 1;"), e::getMessage);
            assertTrue(e.getMessage().contains("page " + page()), e::getMessage);
        }
    }

    @Test
    void aBadPageOfWhichTheLogHasAnImageMustNotMatter() {
        open();
        long page = page();
        ExternalBackup backup = begin();
        scene.commit(step -> step.free(Scene.SMALL, page));
        List<Long> taken = new ArrayList<>();
        scene.commit(step -> {
            while (!taken.contains(page)) {
                taken.add(step.allocate(Scene.SMALL, taken.size()));
                assertTrue(taken.size() < 10_000, "the page is not used again");
            }
        });
        disk.corrupt(scene.home.resolve("small.qdb"), (int) page * 4096 + 99, 4);
        puller().pull(backup, BackupKind.FULL, Scene.BACKUP, true);
        backup.end(ExternalBackup.End.NORMAL);
        restores();
    }

    /** Fear: who begins inside of an extent gets bytes that nobody has judged as they are now. */
    @Test
    void anExtentMustBeJudgedWholeAlsoForWhoBeginsInIt() {
        open();
        scene.commit(step -> step.put(Scene.SMALL, "huge", 9, 900_000));
        scene.instance.checkpoint();
        Path database = scene.home.resolve("small.qdb");
        int middle = extent(disk.contents(database)) + 10 * 4096;
        try (ExternalBackup backup = begin()) {
            String name = backup.id() + ".small.qdb";
            try (ExternalReader reader = backup.open(name)) {
                assertEquals(middle, reader.read(ByteBuffer.allocate(middle)));
            }
            disk.corrupt(database, middle + 5 * 4096, 1);
            Puller.bytes(backup.openAt(name, middle));
            backup.databases().stream()
                    .filter(file -> !file.name().equals(name))
                    .forEach(file -> Puller.bytes(backup.open(file.name())));
            backup.logFiles().forEach(file -> Puller.bytes(backup.open(file.name())));
            ChainScene.refused(QuireError.READ_VERIFY_FAILURE, backup::manifest);
        }
    }

    /** Where the longest one begins. */
    private static int extent(byte[] database) {
        ByteBuffer buffer = ByteBuffer.wrap(database).order(ByteOrder.LITTLE_ENDIAN);
        int found = 0;
        int longest = 0;
        for (int at = 0; at + 4096 <= database.length; at += 4096) {
            boolean extent =
                    PageHeader.type(buffer, at) == PageLayout.TYPE_EXTENT && PageHeader.number(buffer, at) == at / 4096;
            if (extent && PageHeader.pages(buffer, at) > longest) {
                longest = PageHeader.pages(buffer, at);
                found = at;
            }
        }
        assertTrue(longest > 200, "longest=" + longest);
        return found;
    }

    @Test
    void logThatDoesNotVerifyMustEndTheBackupBeforeAByteOfItLeaves() {
        open();
        try (ExternalBackup backup = begin()) {
            backup.databases().forEach(file -> Puller.bytes(backup.open(file.name())));
            List<ExternalFile> files = backup.logFiles();
            ExternalFile last = files.get(files.size() - 1);
            Path log = scene.home.resolve("log").resolve(last.name().substring(17));
            disk.corrupt(log, (int) last.bytes() - 600, 1);
            ByteBuffer target = ByteBuffer.allocate(10);
            try (ExternalReader reader = backup.open(last.name())) {
                ChainScene.refused(QuireError.LOG_READ_VERIFY_FAILURE, () -> reader.read(target));
                assertEquals(0, target.position());
                ChainScene.refused(QuireError.NO_BACKUP, () -> reader.read(target));
            }
            ChainScene.refused(QuireError.NO_BACKUP, backup::logFiles);
        }
        assertEquals(false, scene.instance.engine().backup().isTaken());
    }

    /** Fear: a checkpoint writes a page while it is read, and half of it is the old one. */
    @Test
    void noPageMustBeWrittenWhileItIsReadAndNoneBeHeldForLong() throws InterruptedException {
        open();
        scene.commit(step -> step.put(Scene.SMALL, "huge", 9, 900_000));
        scene.instance.checkpoint();
        int[] reads = new int[1];
        try (ExternalBackup backup = begin()) {
            disturbance = (file, target, position) -> {
                if (Thread.currentThread() != checkpoint && reads[0]++ == 0) {
                    startCheckpoint();
                    assertEquals(0, writes.get(), "pages written meanwhile");
                }
            };
            puller().pull(backup, BackupKind.FULL, Scene.BACKUP, true);
            backup.end(ExternalBackup.End.NORMAL);
        }
        checkpoint.join();
        assertTrue(longest <= 256 << 10, () -> "longest=" + longest);
        assertTrue(writes.get() > 0, "the checkpoint wrote nothing");
        restores();
    }

    /** One that has something to write; returns when it has ended, or waits. */
    private void startCheckpoint() {
        scene.commit(step -> step.modify(Scene.SMALL, page(), 0, 100, 9));
        checkpoint = new Thread(() -> scene.instance.checkpoint());
        checkpoint.start();
        while (checkpoint.isAlive() && checkpoint.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }

    /** Fear: who does not take what is sent to him holds back the instance, or other readers. */
    @Test
    @Timeout(120)
    void whileBytesAreOnTheirWayNobodyMustWait() throws Exception {
        open();
        try (ExternalBackup backup = begin();
                ExternalReader reader = backup.open(backup.id() + ".small.qdb")) {
            List<Throwable> failures = new ArrayList<>();
            byte[][] other = new byte[1][];
            ByteArrayOutputChannel taken = new ByteArrayOutputChannel();
            WritableByteChannel slow = Proxies.proxy(WritableByteChannel.class, (method, given) -> {
                Thread thread = new Thread(() -> {
                    scene.work();
                    scene.instance.checkpoint();
                    backup.databases();
                    other[0] = Puller.bytes(backup.open(backup.id() + ".small.qdb"));
                });
                thread.setUncaughtExceptionHandler((who, fault) -> failures.add(fault));
                thread.start();
                thread.join();
                assertThrows(QuireException.class, () -> reader.read(ByteBuffer.allocate(1)));
                return taken.write((ByteBuffer) given[0]);
            });
            reader.transferTo(slow, Long.MAX_VALUE);
            assertEquals(List.of(), failures);
            assertEquals(reader.end(), reader.position());
            assertEquals(reader.end(), taken.bytes().length);
            assertEquals(reader.end(), other[0].length);
        }
        scene.instance.close();
    }

    @Test
    void whatAChannelHasTakenBeforeItFailsMustNotComeAgain() throws Exception {
        open();
        try (ExternalBackup backup = begin()) {
            String name = backup.id() + ".small.qdb";
            byte[] whole = Puller.bytes(backup.open(name));
            ByteArrayOutputChannel taken = new ByteArrayOutputChannel();
            int[] calls = new int[1];
            WritableByteChannel halting = Proxies.proxy(WritableByteChannel.class, (method, given) -> {
                ByteBuffer source = (ByteBuffer) given[0];
                int before = source.position();
                taken.write(source.slice().limit(Math.min(1_000, source.remaining())));
                source.position(Math.min(source.limit(), before + 1_000));
                if (calls[0]++ % 2 == 0) {
                    throw new java.io.IOException("halted");
                }
                return source.position() - before;
            });
            try (ExternalReader reader = backup.open(name)) {
                while (reader.position() < reader.end()) {
                    try {
                        reader.transferTo(halting, 1_500);
                    } catch (java.io.IOException halted) {
                        assertEquals(taken.bytes().length, reader.position());
                    }
                }
            }
            assertArrayEquals(whole, taken.bytes());
        }
    }

    @Test
    void logMustStayWhileABackupGoesOn() {
        open();
        try (ExternalBackup backup = begin()) {
            backup.databases().forEach(file -> Puller.bytes(backup.open(file.name())));
            List<ExternalFile> files = backup.logFiles();
            for (int i = 0; i < 5; i++) {
                scene.commit(step -> step.put(Scene.SMALL, "k", 1, 10));
                scene.instance.engine().log().roll();
                scene.instance.checkpoint();
            }
            assertEquals(files, backup.logFiles());
            files.forEach(file -> Puller.bytes(backup.open(file.name())));
            int lowest = LogFiles.list(disk, scene.home.resolve("log"))[0];
            assertTrue(files.get(0).name().endsWith(LogFiles.name(lowest)));
        }
    }
}
