package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.StorageFullException;
import dev.quire.io.sim.SimDisk;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Too little room is said before anything is written, and enough is enough. */
class RoomTest {

    private static final long NONE_LEFT = 0;
    private static final Pattern SAID = Pattern.compile("neededBytes=(\\d+) availableBytes=(\\d+)");

    private final Scene scene = Scene.filled(1);
    private final SimDisk disk = scene.disk();

    @Test
    void aRestoreThatDoesNotFitMustBeRefusedBeforeItWritesAndOneThatJustFitsMustWork() {
        scene.backup(Scene.BACKUP, Progress.NONE);
        scene.instance.close();
        Supplier<RestoreReport> restore = () -> Scene.restore(disk, Scene.BACKUP, Scene.BACK, 2);
        long needed = refused(NONE_LEFT, restore);
        assertTrue(needed > 1 << 20, "needed=" + needed);
        assertEquals(needed, refused(needed - 1, restore));
        assertEquals(
                needed,
                Restore.plan(disk, RestoreRequest.of(Scene.BACKUP).conclude()).neededBytes());
        room(needed);
        assertEquals(2, restore.get().databases().size());
        disk.quota(Long.MAX_VALUE);
        assertEquals(null, CrashJudge.holds(disk, Scene.BACK, scene.contents()));
    }

    @Test
    void whatAKilledRestoreLeftMustNotCountAsRoomThatIsLacking() {
        scene.backup(Scene.BACKUP, Progress.NONE);
        scene.instance.close();
        long needed = refused(NONE_LEFT, () -> Scene.restore(disk, Scene.BACKUP, Scene.BACK, 2));
        disk.quota(Long.MAX_VALUE);
        disk.createDirectory(Scene.ROOT.resolve("back.restoring"));
        disk.plant(Scene.ROOT.resolve("back.restoring/small.qdb"), new byte[1 << 20]);
        disk.plant(Scene.ROOT.resolve("back.restoring.lock"), new byte[0]);
        room(needed - (1 << 20));
        Scene.restore(disk, Scene.BACKUP, Scene.BACK, 3);
    }

    @Test
    void aBackupThatDoesNotFitMustBeRefusedBeforeItWrites() {
        Supplier<BackupReport> backup = () -> scene.backup(Scene.BACKUP, Progress.NONE);
        scene.instance.engine().log().reserve(4 << 20, 1); // so that notes need no room
        long needed = refused(NONE_LEFT, backup);
        refused(needed - 1, backup);
        disk.quota(Long.MAX_VALUE);
        BackupReport report = backup.get();
        long written = report.pageBytes() + report.logBytes();
        assertTrue(Math.abs(written - needed) < 100_000, "needed=" + needed + " written=" + written);
    }

    private void room(long bytes) {
        disk.quota(Long.MAX_VALUE);
        long used = Long.MAX_VALUE - disk.usableBytes(Scene.ROOT);
        disk.quota(used + bytes);
    }

    /** Returns how much is needed. */
    private long refused(long availableBytes, Supplier<?> task) {
        room(availableBytes);
        StorageFullException e = assertThrows(StorageFullException.class, task::get);
        assertEquals(QuireError.DISK_FULL, e.error());
        Matcher said = SAID.matcher(e.getMessage());
        assertTrue(said.find(), e.getMessage());
        assertEquals(availableBytes, Long.parseLong(said.group(2)));
        for (String name : new String[] {"backup.lock", "back", "back.restoring", "back.restoring.lock"}) {
            assertEquals(Storage.Kind.NONE, disk.kind(Scene.ROOT.resolve(name)));
        }
        return Long.parseLong(said.group(1));
    }
}
