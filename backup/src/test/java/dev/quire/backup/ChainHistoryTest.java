package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Backups of all kinds in any order, with commits, ends and crashes between: whatever was taken gives back its end. */
class ChainHistoryTest {

    @Test
    void everySetOfARandomHistoryMustRestoreToItsEnd() {
        int taken = 0;
        for (long seed = 1; seed <= 6; seed++) {
            taken += history(seed, 14);
        }
        assertTrue(taken > 30, "taken=" + taken);
    }

    @Test
    @Tag("sweep")
    void manyHistoriesMustHold() {
        int taken = 0;
        for (long seed = 100; seed < 160; seed++) {
            taken += history(seed, 25);
        }
        assertTrue(taken > 600, "taken=" + taken);
    }

    private static int history(long seed, int steps) {
        SplittableRandom random = new SplittableRandom(seed);
        ChainScene chain = new ChainScene(seed);
        chain.disk().recordTrace(false);
        Map<Path, Long> ends = new LinkedHashMap<>();
        Path current = Scene.ROOT.resolve("full0");
        ends.put(current, chain.take(BackupKind.FULL, current).end());
        int taken = 1;
        for (int i = 1; i <= steps; i++) {
            chain.work(random.nextInt(3));
            Path place = current;
            BackupKind kind = null;
            switch (random.nextInt(8)) {
                case 0 -> {
                    kind = BackupKind.FULL;
                    place = Scene.ROOT.resolve("full" + i);
                    current = place;
                }
                case 1 -> {
                    kind = BackupKind.COPY;
                    place = Scene.ROOT.resolve("copy" + i);
                }
                case 2, 3, 4 -> kind = BackupKind.INCREMENTAL;
                case 5 -> kind = BackupKind.DIFFERENTIAL;
                case 6 -> chain.reopen(config -> {});
                default -> chain.crash();
            }
            if (kind != null) {
                ends.put(place, chain.busy(kind, place).end());
                taken++;
            }
        }
        ends.forEach(chain::holds);
        assertTrue(chain.scene.instance.check().isSound());
        return taken;
    }
}
