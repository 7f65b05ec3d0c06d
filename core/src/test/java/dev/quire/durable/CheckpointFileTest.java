package dev.quire.durable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quire.io.Checksum;
import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckpointFileTest {

    private static final Path FILE = Path.of("/sim/quire.chk").toAbsolutePath();
    private static final int SLOT = CheckpointLayout.SLOT_BYTES;

    private final SimDisk disk = new SimDisk(FILE.getParent());

    private static CheckpointSlot slot(long redoStart, List<Attachment> attachments) {
        return new CheckpointSlot(
                1, 0xABCD, redoStart, 50, 3, false, false, 9, 1 << 20, 1_700_000_000_000L, attachments);
    }

    private static List<Attachment> two() {
        return List.of(new Attachment(1, "one", 11, 4096, 5, Long.MAX_VALUE), new Attachment(2, "two", 22, 8192, 6, 7));
    }

    @Test
    void aSlotMustReadAsItWasWritten() {
        CheckpointSlot slot = slot(40, two());
        assertEquals(slot, CheckpointSlot.decode(slot.encode()));
    }

    @Test
    void aSlotMustHoldAsManyAttachmentsAsThereMayBe() {
        List<Attachment> many = new ArrayList<>();
        for (int i = 0; i < 128; i++) {
            many.add(new Attachment(i, "x".repeat(61) + (100 + i), i, 4096, i, Long.MAX_VALUE));
        }
        CheckpointSlot slot = slot(40, many);
        assertEquals(slot, CheckpointSlot.decode(slot.encode()));
    }

    @Test
    void anyChangedByteOfASlotMustMakeItVoid() {
        byte[] whole = slot(40, two()).encode();
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] ^= (byte) (1 << at % 8);
            assertNull(CheckpointSlot.decode(changed), "offset=" + at);
        }
    }

    /** Fear: whoever can compute a checksum leads us out of the slot, or out of the directory. */
    @Test
    void aSlotThatCannotBeOursMustBeVoidHoweverSoundItsChecksum() {
        for (String name : List.of("", "..", "../x", "/x", "a/b", "a\\b", "con", "x".repeat(65))) {
            assertNull(CheckpointSlot.decode(slot(40, named(name)).encode()), "name=" + name);
        }
        int room = CheckpointLayout.COMMIT_TIME_OFFSET - CheckpointLayout.ATTACHMENTS_OFFSET;
        for (int count : new int[] {-1, 3, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertNull(forged(CheckpointLayout.COUNT_OFFSET, count), "count=" + count);
        }
        for (int length : new int[] {-1, 0, 1, room + 1, SLOT, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertNull(forged(CheckpointLayout.LENGTH_OFFSET, length), "length=" + length);
        }
        for (int length : new int[] {-1, 0, 65, 4096, Short.MAX_VALUE, Short.MIN_VALUE}) {
            // Of the first name; the bytes behind it become the name then.
            assertNull(forged(CheckpointLayout.ATTACHMENTS_OFFSET + 32, 'x' << 24 | 'x' << 16 | length & 0xFFFF));
        }
    }

    private static List<Attachment> named(String name) {
        return List.of(new Attachment(1, name, 11, 4096, 5, Long.MAX_VALUE));
    }

    private static CheckpointSlot forged(int at, int value) {
        byte[] bytes = slot(40, two()).encode();
        ByteBuffer buffer =
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
        buffer.putInt(CheckpointLayout.CRC_OFFSET, Checksum.crc32c(bytes, 0, CheckpointLayout.CRC_OFFSET));
        return CheckpointSlot.decode(bytes);
    }

    @Test
    void theOtherSlotMustCountWhenOneIsDamaged() {
        try (CheckpointFile file = CheckpointFile.create(disk, FILE, slot(40, two()))) {
            file.advance(next -> next.started(7, 70));
            file.advance(next -> next.started(8, 80));
        }
        for (int at = 0; at < 2 * SLOT; at += at % SLOT < 256 ? 1 : 509) {
            disk.corrupt(FILE, at, 0x10);
            try (CheckpointFile file = CheckpointFile.open(disk, FILE)) {
                // Sequences 1 and 2 were written at creation, 2 and 3 since: the newest stands in the odd place.
                assertEquals(at / SLOT == 1 ? 7 : 8, file.newest().generation(), "offset=" + at);
                assertEquals(40, file.oldestRedoStart());
            }
            disk.corrupt(FILE, at, 0x10);
        }
    }

    @Test
    void twoDamagedSlotsMustBeReported() {
        CheckpointFile.create(disk, FILE, slot(40, two())).close();
        disk.corrupt(FILE, 100, 1);
        disk.corrupt(FILE, SLOT + 3000, 1);
        CorruptionException fault = assertThrows(CorruptionException.class, () -> CheckpointFile.open(disk, FILE));
        assertEquals(QuireError.CHECKPOINT_CORRUPT, fault.error());
        disk.resize(FILE, 10);
        assertThrows(CorruptionException.class, () -> CheckpointFile.open(disk, FILE));
    }

    @Test
    void aSlotOfALaterVersionMustBeRefusedAlsoBesideAGoodOne() {
        CheckpointFile.create(disk, FILE, slot(40, two())).close();
        byte[] good = disk.contents(FILE);
        for (int slot = 0; slot < 2; slot++) {
            byte[] newer = Arrays.copyOfRange(good, slot * SLOT, (slot + 1) * SLOT);
            ByteBuffer buffer = ByteBuffer.wrap(newer).order(ByteOrder.LITTLE_ENDIAN);
            buffer.putInt(CheckpointLayout.VERSION_OFFSET, CheckpointLayout.VERSION + 1);
            buffer.putInt(CheckpointLayout.CRC_OFFSET, Checksum.crc32c(newer, 0, CheckpointLayout.CRC_OFFSET));
            byte[] both = good.clone();
            System.arraycopy(newer, 0, both, slot * SLOT, SLOT);
            disk.plant(FILE, both);
            QuireException refused = assertThrows(QuireException.class, () -> CheckpointFile.open(disk, FILE));
            assertEquals(QuireError.BAD_LOG_VERSION, refused.error());
        }
    }

    @Test
    void theNewestForcedSlotMustSurviveAPowerCutAtAnyOperation() {
        List<Integer> forced = new ArrayList<>();
        try (CheckpointFile file = CheckpointFile.create(disk, FILE, slot(40, two()))) {
            disk.forceDirectory(FILE.getParent());
            for (int i = 0; i < 6; i++) {
                forced.add(disk.operationCount());
                int generation = 10 + i;
                file.advance(next -> next.started(generation, 0));
            }
        }
        for (int at = forced.get(0); at <= disk.operationCount(); at++) {
            int least = 3;
            for (int i = 1; i < forced.size(); i++) {
                least = forced.get(i) <= at ? 9 + i : least;
            }
            for (CrashPolicy policy : CrashPolicy.values()) {
                for (long seed = 0; seed < 4; seed++) {
                    try (CheckpointFile file = CheckpointFile.open(disk.crashImage(at, policy, seed), FILE)) {
                        int found = file.newest().generation();
                        assertEquals(Math.max(found, least), found, disk.describe(at) + " " + policy);
                    }
                }
            }
        }
    }

    @Test
    void theRedoStartOfTheOlderSlotMustHoldTheLog() {
        try (CheckpointFile file = CheckpointFile.create(disk, FILE, slot(40, two()))) {
            file.advance(next -> redo(next, 90));
            assertEquals(40, file.oldestRedoStart());
            file.advance(next -> redo(next, 120));
            assertEquals(90, file.oldestRedoStart());
            assertNotNull(file.newest());
        }
    }

    private static CheckpointSlot redo(CheckpointSlot next, long redoStart) {
        return new CheckpointSlot(
                next.sequence(),
                next.signature(),
                redoStart,
                next.forced(),
                next.generation(),
                next.clean(),
                next.unlogged(),
                next.nextId(),
                next.generationBytes(),
                next.commitTimeMs(),
                next.attachments());
    }
}
