package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.DamageSweep.Due;
import dev.quire.io.CorruptionException;
import dev.quire.io.log.GenerationInfo;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.LogSurvey;
import dev.quire.io.log.Lsn;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageLayout;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fear: a byte of a file at rest is not what was written, and is believed, hangs or kills whoever reads it. */
class DamageTest {

    private static final int PAGE = DamageScene.PAGE_BYTES;
    private static final int SLOT_BYTES = 16384;
    private static final int LOG_BYTES = 64 << 10;

    /** Longer than all that a slot says here. */
    private static final int SLOT_USED_BYTES = 256;

    /** One byte of so many is changed, of those on which much depends each; odd, so that every bit has its turn. */
    private static final int STRIDE = 9;

    private final DamageScene scene = new DamageScene();

    @Test
    void everyByteOfAPageOfEachTypeMustBeJudged() {
        pages(STRIDE);
    }

    @Test
    void everyByteOfAHeaderMustBeJudged() {
        headers(STRIDE);
    }

    @Test
    void everyByteOfAClosedGenerationMustBeJudged() {
        closedGeneration(STRIDE);
    }

    @Test
    void everyByteOfTheLastGenerationMustBeJudged() {
        lastGeneration(STRIDE);
    }

    @Test
    void everyByteOfASlotMustBeJudged() {
        slots(STRIDE);
    }

    @Test
    void everyByteOfTheGuardMustBeJudged() {
        guard(STRIDE);
    }

    @Test
    @Tag("sweep")
    void eachSingleByteMustBeJudged() {
        pages(1);
        headers(1);
        closedGeneration(1);
        lastGeneration(1);
        slots(1);
        guard(1);
    }

    @Test
    void aSweepThatIsToldWhatIsNotTrueMustFail() {
        long raw = (long) scene.pages.get(PageLayout.TYPE_RAW) * PAGE;
        for (Due due : List.of(Due.HARMLESS, Due.MENDED, Due.REFUSED)) {
            DamageSweep sweep = new DamageSweep(scene.closed, scene.digest);
            assertEquals(
                    1, sweep.flip(DamageScene.DATABASE, -1, due, raw).failures().size());
        }
        for (Due due : List.of(Due.REPORTED, Due.REFUSED, Due.HARMLESS)) {
            DamageSweep sweep = new DamageSweep(scene.closed, scene.digest);
            assertEquals(
                    1, sweep.flip(DamageScene.DATABASE, 0, due, 0).failures().size());
        }
        DamageSweep lost = new DamageSweep(scene.closed, scene.digest + 1);
        assertEquals(
                1, lost.flip(DamageScene.DATABASE, 0, Due.MENDED, 0).failures().size());
        DamageSweep elsewhere = new DamageSweep(scene.closed, scene.digest);
        assertEquals(
                1,
                elsewhere
                        .flip(DamageScene.DATABASE, 2, Due.REPORTED, raw)
                        .failures()
                        .size());
    }

    private static void done(String what, int least, DamageSweep... sweeps) {
        int changed = 0;
        int told = 0;
        for (DamageSweep sweep : sweeps) {
            assertEquals(List.of(), sweep.failures(), () -> what + ": " + String.join("\n", sweep.failures()));
            changed += sweep.changed();
            told += sweep.told();
        }
        System.out.printf("damage: %s, bytes=%d told=%d%n", what, changed, told);
        assertTrue(changed >= least, "changed=" + changed);
    }

    private void pages(int stride) {
        assertEquals(Set.of(2, 3, 4, 5, 6, 7), scene.pages.keySet());
        DamageSweep sweep = new DamageSweep(scene.closed, scene.digest);
        scene.pages.forEach((type, page) -> {
            long at = (long) page * PAGE;
            sweep.bytes(DamageScene.DATABASE, at, at + PageLayout.HEADER_BYTES, 1, page, Due.REPORTED);
            sweep.bytes(DamageScene.DATABASE, at + PageLayout.HEADER_BYTES, at + PAGE, stride, page, Due.REPORTED);
            if (type == PageLayout.TYPE_EXTENT) {
                sweep.bytes(DamageScene.DATABASE, at + PAGE, at + 2 * PAGE, stride, page, Due.REPORTED);
            }
        });
        done("pages", 7 * PAGE / stride, sweep);
        assertEquals(sweep.changed(), sweep.told());
    }

    /** The other copy is used; whoever reads the header to judge it is told; both at once are refused. */
    private void headers(int stride) {
        DamageSweep sweep = new DamageSweep(scene.closed, scene.digest);
        sweep.bytes(DamageScene.DATABASE, 0, 2 * PAGE, stride, -1, Due.MENDED);
        for (int at = 0; at < PAGE; at += stride) {
            sweep.flip(DamageScene.DATABASE, -1, Due.REFUSED, at, PAGE + at);
        }
        SimDisk disk = scene.closed.processCrashImage(scene.closed.operationCount());
        disk.recordTrace(false);
        for (int at = 0; at < 2 * PAGE; at++) {
            disk.corrupt(DamageScene.DATABASE, at, 1 << at % 8);
            List<CorruptionException> told = new ArrayList<>();
            DatabaseHeader.read(disk, DamageScene.DATABASE, told::add);
            assertEquals(1, told.size(), "offset " + at);
            assertEquals(DamageScene.DATABASE, told.get(0).file().orElseThrow());
            disk.corrupt(DamageScene.DATABASE, at, 1 << at % 8);
        }
        done("headers", 3 * PAGE / stride, sweep, largePages(8 * stride + 1));
    }

    /** There the fields are a small part of the page, and the shadow stands where page 0 would tell. */
    private static DamageSweep largePages(int stride) {
        int pageBytes = 16384;
        SimDisk disk = SimInstances.disk();
        Instance instance = SimInstances.config(disk, SimInstances.HERE, 1)
                .pageBytes(pageBytes)
                .open();
        instance.createDatabase("large");
        instance.close();
        StateModel model = new StateModel();
        model.databases.put("large", new StateModel.OfDatabase());
        Path file = SimInstances.HERE.resolve("large.qdb");
        return new DamageSweep(disk, model.digest()).bytes(file, 0, 2L * pageBytes, stride, -1, Due.MENDED);
    }

    /** Of an instance that needs it; and of one that does not, where whoever reads it as a whole must be told. */
    private void closedGeneration(int stride) {
        Path file = DamageScene.generation(1);
        DamageSweep needed = new DamageSweep(scene.halted, scene.digest);
        GenerationInfo info = DamageScene.log(scene.halted, 1).generations().get(0);
        assertTrue(info.closingOffset() > LOG_BYTES, "closing=" + info.closingOffset());
        needed.bytes(file, 0, 64, 1, -1, Due.REFUSED);
        needed.bytes(file, 64, LOG_BYTES, stride, -1, Due.REFUSED);
        needed.bytes(file, info.closingOffset(), SimInstances.GENERATION_BYTES, 4096 * stride + 1, -1, Due.HARMLESS);
        DamageSweep spared = new DamageSweep(scene.closed, scene.digest);
        spared.bytes(file, 0, LOG_BYTES, 16 * stride + 1, -1, Due.HARMLESS);
        SimDisk disk = scene.closed.processCrashImage(scene.closed.operationCount());
        disk.recordTrace(false);
        long signature = LogFiles.start(disk, file).signature();
        for (int at = 0; at < LOG_BYTES; at += stride) {
            disk.corrupt(file, at, 1 << at % 8);
            CorruptionException told = assertThrows(
                    CorruptionException.class,
                    () -> LogFiles.verify(disk, file, signature, 1, info.closingOffset()),
                    "offset " + at);
            assertEquals(file, told.file().orElseThrow());
            disk.corrupt(file, at, 1 << at % 8);
        }
        done("closed generation", LOG_BYTES / stride, needed, spared);
    }

    /** Below the position that is known to be forced; behind it a fault is a torn end, and its commits are gone. */
    private void lastGeneration(int stride) {
        LogSurvey orderly = DamageScene.log(scene.closed, 3);
        DamageSweep closed = new DamageSweep(scene.closed, scene.digest);
        int end = Lsn.offset(orderly.end());
        closed.bytes(DamageScene.generation(3), 0, end, stride, -1, Due.REFUSED);
        closed.bytes(DamageScene.generation(3), end, SimInstances.GENERATION_BYTES, 999 * stride, -1, Due.HARMLESS);
        LogSurvey crashed = DamageScene.log(scene.halted, 1);
        assertEquals(2, Lsn.generation(crashed.forcedKnown()));
        DamageSweep halted = new DamageSweep(scene.halted, scene.digest);
        int known = Lsn.offset(crashed.forcedKnown());
        halted.bytes(DamageScene.generation(2), 0, known, stride, -1, Due.REFUSED);
        done("last generation", (end + known) / stride, closed, halted);
    }

    private void slots(int stride) {
        DamageSweep sweep = new DamageSweep(scene.closed, scene.digest);
        DamageSweep both = new DamageSweep(scene.closed, scene.digest);
        for (int slot = 0; slot < 2; slot++) {
            long at = (long) slot * SLOT_BYTES;
            sweep.bytes(DamageScene.SLOTS, at, at + SLOT_USED_BYTES, 1, -1, Due.MENDED);
            sweep.bytes(DamageScene.SLOTS, at + SLOT_USED_BYTES, at + SLOT_BYTES, 8 * stride - 7, -1, Due.MENDED);
        }
        for (int at = 0; at < SLOT_BYTES; at += at < SLOT_USED_BYTES ? 1 : 8 * stride) {
            both.flip(DamageScene.SLOTS, -1, Due.REFUSED, at, at + SLOT_BYTES);
        }
        done("slots", 2 * SLOT_USED_BYTES, sweep, both);
    }

    /** Of an instance that does not need it; and of one that does, where the copy is used or the page is refused. */
    private void guard(int stride) {
        int page = scene.pages.get(PageLayout.TYPE_RAW);
        long[] entry = scene.guardEntry(page);
        DamageSweep spared = new DamageSweep(scene.closed, scene.digest);
        spared.bytes(DamageScene.GUARD, 0, 1024, stride, -1, Due.HARMLESS);
        DamageSweep needed = new DamageSweep(scene.torn, scene.tornDigest).naming(DamageScene.DATABASE);
        needed.bytes(DamageScene.GUARD, 0, 64, 1, -1, Due.HARMLESS);
        needed.bytes(DamageScene.GUARD, entry[0], entry[0] + 56, 1, page, Due.REPORTED);
        needed.bytes(DamageScene.GUARD, entry[0] + 56, entry[0] + 64, 1, page, Due.HARMLESS);
        needed.bytes(DamageScene.GUARD, entry[1], entry[1] + PAGE, stride, page, Due.REPORTED);
        done("guard", PAGE / stride, spared, needed);
    }
}
