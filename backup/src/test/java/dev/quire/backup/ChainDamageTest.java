package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.Progress;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A full, two incrementals and a differential behind them: whatever file of theirs is changed, missing, cut off,
 * lengthened or an older one, verification and a restore name it.
 */
class ChainDamageTest {

    private static final Path EARLIER = Scene.ROOT.resolve("earlier");

    private final ChainScene chain = new ChainScene(1);
    private final SimDisk disk = chain.disk();
    private BackupReport last;

    @BeforeEach
    void takeTwoChains() {
        takeChain(EARLIER);
        takeChain(Scene.BACKUP);
        disk.recordTrace(false);
        chain.holds(Scene.BACKUP, last.end());
    }

    private void takeChain(Path destination) {
        chain.take(BackupKind.FULL, destination);
        for (BackupKind kind : List.of(BackupKind.INCREMENTAL, BackupKind.INCREMENTAL, BackupKind.DIFFERENTIAL)) {
            chain.work(3);
            last = chain.take(kind, destination);
        }
    }

    private List<String> names() {
        List<String> names = disk.list(Scene.BACKUP);
        assertEquals(3, names.stream().filter(BackupSet::isMember).count());
        return names;
    }

    /** Both must say which file it is. */
    private void named(String name, String how) {
        String what = name + ' ' + how;
        String verified;
        try {
            verified = BackupVerification.verify(disk, Scene.BACKUP, Progress.NONE)
                    .faults()
                    .toString();
        } catch (QuireException e) { // without the full there is nothing to report on
            verified = e.getMessage();
        }
        String told = verified;
        assertTrue(told.contains(name), () -> what + ": " + told);
        QuireException refused = assertThrows(
                QuireException.class, () -> Scene.restore(disk, Scene.BACKUP, Scene.BACK, 1), () -> what + " restored");
        String message = refused.getMessage();
        assertTrue(message.contains(name), () -> what + ": " + message);
        assertEquals(Storage.Kind.NONE, disk.kind(Scene.BACK), what);
    }

    @Test
    void aFileThatIsMissingCutOffLengthenedOrOlderMustBeNamed() {
        List<String> older = disk.list(EARLIER);
        for (String name : names()) {
            Path path = Scene.BACKUP.resolve(name);
            byte[] good = disk.contents(path);
            for (int length : new int[] {0, 1, 600, good.length / 2, good.length - 1}) {
                disk.resize(path, Math.min(length, good.length - 1));
                named(name, "cut off at " + length);
                disk.plant(path, good);
            }
            for (int more : new int[] {1, 16_384}) {
                byte[] longer = Arrays.copyOf(good, good.length + more);
                Arrays.fill(longer, good.length, longer.length, (byte) (more == 1 ? '\n' : 0));
                disk.plant(path, longer);
                named(name, "longer by " + more);
                disk.plant(path, good);
            }
            disk.delete(path);
            named(name, "missing");
            String kind = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
            for (String each : older) {
                byte[] bad = disk.contents(EARLIER.resolve(each));
                if ((each.endsWith(kind) || each.endsWith(".qlog") && name.endsWith(".qlog"))
                        && !name.equals(Manifest.FILE)
                        && !Arrays.equals(bad, good)) {
                    disk.plant(path, bad);
                    named(name, "replaced by " + each);
                }
            }
            disk.plant(path, good);
        }
        chain.holds(Scene.BACKUP, last.end());
    }

    @Test
    void anyByteThatIsChangedMustBeNamed() {
        assertTrue(bytes(25, 0) > 300);
    }

    @Test
    @Tag("sweep")
    void eachOfManyBytesThatIsChangedMustBeNamed() {
        int changed = 0;
        for (int turn = 1; turn <= 10; turn++) {
            ChainDamageTest fresh = new ChainDamageTest(); // a simulated disk keeps what was deleted
            fresh.takeTwoChains();
            changed += fresh.bytes(100, turn);
        }
        assertTrue(changed > 10_000, "changed=" + changed);
    }

    private int bytes(int each, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int changed = 0;
        for (String name : names()) {
            Path path = Scene.BACKUP.resolve(name);
            int length = disk.contents(path).length;
            for (int i = 0; i < each && !name.endsWith(".qdb"); i++) { // those: BackupDamageTest
                int at = random.nextInt(length);
                int mask = 1 << random.nextInt(8);
                disk.corrupt(path, at, mask);
                named(name, "changed at " + at);
                disk.corrupt(path, at, mask);
                changed++;
            }
        }
        chain.holds(Scene.BACKUP, last.end());
        return changed;
    }
}
