package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.Progress;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.sim.SimDisk;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fear: a checkpoint writes a page while a backup copies it, and half of it is the old one. */
class CopyUnderTheLatchTest {

    private final SimDisk disk = new SimDisk(Scene.ROOT);
    private final AtomicInteger copied = new AtomicInteger();
    private final AtomicInteger writes = new AtomicInteger();
    private Scene scene;
    private Thread checkpoint;
    private String copying;
    private boolean moving;

    @ParameterizedTest
    @ValueSource(strings = {"transferTo", "read"})
    void noPageMustBeWrittenWhileItIsCopied(String way) throws InterruptedException {
        copying = way;
        Storage storage = Proxies.proxy(Storage.class, this::onStorage);
        scene = new Scene(storage, Scene.ROOT, 1, config -> {});
        scene.fill();
        BackupReport report = scene.backup(
                Scene.BACKUP, way.equals("read") ? DirectPagesTest.inSmallPieces(this::write) : Progress.NONE);
        checkpoint.join();
        assertTrue(copied.get() > 0, "nothing was copied");
        assertTrue(writes.get() > 0, "the checkpoint wrote nothing");
        Scene.restore(disk, Scene.BACKUP, Scene.BACK, 2);
        assertEquals(null, CrashJudge.holds(disk, Scene.BACK, scene.at(report.end())));
        scene.instance.close();
    }

    /** Beside a writer pages are read to be copied. */
    private void write(Progress.Phase phase, long done, long total) {
        moving = phase == Progress.Phase.PAGES;
        scene.commit(step -> step.put(Scene.SMALL, "k", done, 10));
    }

    private Object onStorage(Method method, Object[] arguments) throws Throwable {
        Object result = Proxies.invoke(method, disk, arguments);
        return result instanceof StoreFile && isSource((Path) arguments[0])
                ? Proxies.proxy(StoreFile.class, (called, given) -> onFile(called, (StoreFile) result, given))
                : result;
    }

    /** The database, also while it is made. */
    private static boolean isSource(Path file) {
        return file.getParent().endsWith("here")
                && file.getFileName().toString().startsWith("small.qdb");
    }

    private Object onFile(Method method, StoreFile file, Object[] arguments) throws Throwable {
        boolean writesPages = method.getName().equals("write") && (long) arguments[1] >= 2 * 4096;
        if (writesPages && Thread.currentThread() == checkpoint) {
            writes.incrementAndGet();
        }
        boolean copies = method.getName().equals(copying) && (copying.equals("transferTo") || moving);
        if (copies && copied.getAndIncrement() == 0) {
            startCheckpoint();
            Object result = Proxies.invoke(method, file, arguments);
            assertEquals(0, writes.get(), "pages written meanwhile");
            return result;
        }
        return Proxies.invoke(method, file, arguments);
    }

    /** One that has something to write; returns when it has ended, or waits. */
    private void startCheckpoint() {
        long page = scene.pages.get(0)[1];
        scene.commit(step -> step.modify(Scene.SMALL, page, 0, 100, 9));
        checkpoint = new Thread(() -> scene.instance.checkpoint());
        checkpoint.start();
        while (checkpoint.isAlive() && checkpoint.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }
}
