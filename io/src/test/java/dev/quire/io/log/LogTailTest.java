package dev.quire.io.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Who asks for what when a generation ends, one step of each thread at a time. */
class LogTailTest {

    private static final int RECORD_BYTES = 1000;

    private final LogTail tail = new LogTail(TestLog.SMALL);

    private LogTailTest() {
        tail.requestRoll(false);
        tail.enter(start(1));
        while (append() != LogTail.NO_ROOM) {
            tail.seal();
            tail.recycle(tail.nextSealed(Long.MAX_VALUE));
        }
    }

    private static long start(int generation) {
        return Lsn.of(generation, LogLayout.FIRST_BATCH_OFFSET + LogLayout.SECTOR_BYTES);
    }

    private long append() {
        return tail.append(1, ByteBuffer.allocate(RECORD_BYTES), 0, RECORD_BYTES);
    }

    @Test
    void aRecordThatFindsNoRoomMustAskForAGeneration() {
        RollRequest asked = tail.requestRoom(RECORD_BYTES);
        assertNotNull(asked);
        assertSame(asked, tail.requestRoll(true));
    }

    /** Fear: a second switch leaves a generation empty that was reserved, and the disk has no room for another. */
    @Test
    void aRecordMustNotAskForAGenerationWhenSomebodyElseHasGotOne() {
        RollRequest backup = tail.requestRoll(true);
        tail.leave();
        assertEquals(LogTail.NO_ROOM, append());
        assertSame(backup, tail.requestRoom(RECORD_BYTES));
        tail.enter(start(2));
        assertTrue(backup.done);
        assertNull(tail.requestRoom(RECORD_BYTES));
        assertTrue(append() > start(2));
    }

    @Test
    void roomInTheBatchThatIsBeingFilledMustCount() {
        tail.requestRoll(true);
        tail.enter(start(2));
        append();
        assertNull(tail.requestRoom(RECORD_BYTES));
        assertNotNull(tail.requestRoom(2 * TestLog.SMALL));
    }
}
