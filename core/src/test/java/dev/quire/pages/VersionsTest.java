package dev.quire.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageFile;
import dev.quire.io.page.PageRef;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which versions of a page are kept, for whom, and when their memory may be used again. */
class VersionsTest {

    private static final Path FILE = Path.of("/sim/db").toAbsolutePath();
    private static final int PAGE = 8;

    private final Versions versions = new Versions(new FramePool(8 << 20), new CommitClock(0));
    private DatabasePages database;

    @BeforeEach
    void open() {
        SimDisk disk = new SimDisk(FILE.getParent());
        PageFile file = PageFile.create(disk, FILE, DatabaseHeader.create(4096, 77, 1), 64);
        database = new DatabasePages(1, "db", file, 0, versions);
    }

    /** Publishes a version of the page as of {@code commit}. */
    private Frame publish(long commit, boolean lazy) {
        ChangedPages changes = database.changes();
        changes.begin(length -> null, Long.MAX_VALUE);
        changes.installMap(PAGE);
        Frame frame = changes.frames().iterator().next();
        versions.publish(List.of(database), commit, lazy);
        return frame;
    }

    private List<Long> chain() {
        List<Long> commits = new ArrayList<>();
        for (Frame frame = database.newest(PAGE); frame != null; frame = frame.older) {
            commits.add(frame.commit);
        }
        return commits;
    }

    private int reader() {
        return versions.readers().enter(versions.clock()::visible);
    }

    @Test
    void aPublishedVersionMustNotKeepTheOneItWasMadeFrom() {
        Frame before = publish(10, false);
        database.changes().begin(length -> null, Long.MAX_VALUE);
        database.changes().modify(PAGE, new PageRef());
        Frame changed = database.changes().frames().iterator().next();
        assertSame(before, changed.base());
        versions.publish(List.of(database), 20, false);
        assertNull(changed.base(), "or a page that changes all the time keeps every version it ever had");
    }

    @Test
    void aDurableCommitMustNotBeSeenBeforeItIsForcedAndALazyOneAtOnce() {
        publish(10, false);
        assertEquals(0, versions.clock().visible());
        versions.clock().forced(10);
        assertEquals(10, versions.clock().visible());
        publish(20, true);
        assertEquals(20, versions.clock().visible());
        publish(30, false);
        versions.clock().forced(29);
        assertEquals(20, versions.clock().visible());
        assertEquals(20, versions.clock().durable());
    }

    @Test
    void aVersionThatNobodyCanSeeMustGo() {
        publish(10, false);
        versions.clock().forced(10);
        publish(20, false);
        versions.clock().forced(20);
        publish(30, false);
        assertEquals(List.of(30L, 20L), chain());
    }

    @Test
    void everyVersionAboveTheLastForceMustStayForTheForceMayEndAtAnyOfThem() {
        publish(10, false);
        versions.clock().forced(10);
        publish(20, true);
        publish(30, true);
        publish(40, true);
        assertEquals(List.of(40L, 30L, 20L, 10L), chain());
        versions.clock().forced(35);
        assertEquals(30, versions.clock().durable());
        publish(50, true);
        assertEquals(List.of(50L, 40L, 30L), chain());
    }

    @Test
    void theVersionThatAReaderSeesMustStay() {
        publish(10, false);
        versions.clock().forced(10);
        int reader = reader();
        for (long commit = 20; commit < 90; commit += 10) {
            publish(commit, false);
            versions.clock().forced(commit);
        }
        assertEquals(List.of(80L, 70L, 10L), chain());
        assertEquals(10, database.table().at(PAGE, versions.readers().snapshot(reader)).commit);
        versions.readers().leave(reader);
        publish(90, false);
        assertEquals(List.of(90L, 80L), chain());
    }

    @Test
    void aReaderThatIsJustEnteringMustStopThePruning() {
        publish(10, false);
        versions.clock().forced(10);
        versions.readers().enter(() -> {
            publish(20, false);
            versions.clock().forced(20);
            publish(30, false);
            assertEquals(List.of(30L, 20L, 10L), chain());
            assertEquals(-1, versions.beginCheckpoint());
            return 10;
        });
        assertEquals(10, versions.beginCheckpoint());
    }

    @Test
    void theVersionThatACheckpointWritesMustStayUntilItIsWritten() {
        publish(10, false);
        versions.clock().forced(10);
        assertEquals(10, versions.beginCheckpoint());
        publish(20, false);
        versions.clock().forced(20);
        publish(30, false);
        versions.clock().forced(30);
        publish(40, false);
        assertEquals(List.of(40L, 30L, 10L), chain());
        assertEquals(10, versions.dirty(database, 10).get(0).commit);
        versions.endCheckpoint(List.of(database), 10);
        assertEquals(List.of(40L, 30L), chain());
    }

    @Test
    void aCheckpointMustNotPassAReader() {
        publish(10, false);
        versions.clock().forced(10);
        int reader = reader();
        publish(20, false);
        versions.clock().forced(20);
        assertEquals(10, versions.beginCheckpoint());
        versions.endCheckpoint(List.of(database), 10);
        assertEquals(List.of(20L), chain());
        assertEquals(PageFile.VERSIONED, database.file().state(PAGE) & PageFile.VERSIONED);
        versions.readers().leave(reader);
        assertEquals(20, versions.beginCheckpoint());
        versions.endCheckpoint(List.of(database), 20);
        assertNull(database.newest(PAGE));
        assertEquals(0, database.file().state(PAGE) & PageFile.VERSIONED);
        assertEquals(0, versions.dirtyPages(List.of(database)));
    }

    @Test
    void memoryOfADroppedVersionMustWaitForWhoeverEnteredBefore() {
        publish(10, false);
        versions.clock().forced(10);
        int early = reader();
        long used = versions.pool().usedBytes();
        versions.beginCheckpoint();
        versions.endCheckpoint(List.of(database), 10);
        assertEquals(used, versions.pool().usedBytes());
        int late = reader();
        assertEquals(0, versions.reclaim());
        versions.readers().leave(early);
        assertEquals(1, versions.reclaim());
        assertEquals(0, versions.pool().usedBytes());
        versions.readers().leave(late);
    }

    @Test
    void anAbandonedCheckpointMustDropNothing() {
        publish(10, false);
        versions.clock().forced(10);
        versions.beginCheckpoint();
        versions.abandonCheckpoint();
        assertEquals(List.of(10L), chain());
    }

    @Test
    void anExtentMustCoverTheVersionsOfThePagesInIt() {
        publish(10, false);
        versions.clock().forced(10);
        Frame extent = versions.take(4 * 4096);
        extent.enter(PAGE - 1);
        versions.redone(database, extent, 20);
        assertNotNull(database.newest(PAGE));
        assertTrue(database.newest(PAGE).isCovered());
        versions.clock().reset(20);
        assertEquals(1, versions.dirty(database, 20).size());
        assertSame(extent, versions.dirty(database, 20).get(0));
        versions.discard(database);
        assertEquals(0, versions.pool().usedBytes());
    }

    @Test
    void abortedChangesMustGiveTheirMemoryBack() {
        ChangedPages changes = database.changes();
        changes.begin(length -> null, Long.MAX_VALUE);
        changes.installMap(PAGE);
        changes.installMap(PAGE);
        changes.installMap(PAGE + 1);
        assertEquals(2 * 4096, versions.pool().usedBytes());
        changes.abort();
        assertEquals(0, versions.pool().usedBytes());
        assertNull(database.newest(PAGE));
    }
}
