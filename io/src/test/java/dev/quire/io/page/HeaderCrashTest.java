package dev.quire.io.page;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.Storage;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The fear: a crash while a database is created, grown or given a new header leaves one that does not open, or one
 * that forgot what was forced. Crashed at every operation under every policy, and the header again in what that left,
 * because a database whose one copy is torn has no other to lose. Expected: the header before or the header after.
 */
class HeaderCrashTest {

    private static final Path DIRECTORY = Path.of("/databases");
    private static final Path PATH = DIRECTORY.resolve("a.qdb");

    private static SimDisk database(int pageSize) {
        SimDisk disk = new SimDisk(DIRECTORY);
        PageFile.create(disk, PATH, DatabaseHeader.create(pageSize, 99, 1), 8).close();
        disk.forceDirectory(DIRECTORY);
        disk.resetTrace();
        return disk;
    }

    private static DatabaseHeader writeHeader(SimDisk disk, DatabaseHeader header) {
        try (PageFile file = PageFile.open(disk, PATH, DatabaseHeader.read(disk, PATH))) {
            file.writeHeader(header);
            return file.header();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 16384})
    void aHeaderMustSurviveTwoCrashesWhileItIsWritten(int pageSize) {
        SimDisk disk = database(pageSize);
        DatabaseHeader before = DatabaseHeader.read(disk, PATH);
        DatabaseHeader after = writeHeader(disk, changed(before, 1));
        int twice = 0;
        for (int first = 0; first <= disk.operationCount(); first++) {
            for (CrashPolicy policy : CrashPolicy.values()) {
                for (long seed = 0; seed < 4; seed++) {
                    SimDisk once = disk.crashImage(first, policy, seed);
                    DatabaseHeader found = expect(once, first == disk.operationCount() ? after : before, after);
                    twice += crashAgain(once, found, found);
                }
            }
        }
        assertTrue(twice > 5000, "twice=" + twice);
    }

    /** What was found may be in the cache only, until the first force; {@code durable} is on the medium then. */
    private static int crashAgain(SimDisk once, DatabaseHeader found, DatabaseHeader durable) {
        DatabaseHeader after = writeHeader(once, changed(found, 2));
        int count = 0;
        for (int second = 0; second <= once.operationCount(); second++) {
            for (CrashPolicy policy : CrashPolicy.values()) {
                SimDisk twice = once.crashImage(second, policy, count++);
                if (second <= 1) {
                    expect(twice, found, durable);
                } else if (second == once.operationCount()) {
                    expect(twice, after);
                } else {
                    expect(twice, found, after);
                }
            }
        }
        return count;
    }

    private static DatabaseHeader expect(SimDisk disk, DatabaseHeader... allowed) {
        DatabaseHeader found = DatabaseHeader.read(disk, PATH);
        assertTrue(List.of(allowed).contains(found), () -> "found " + found);
        return found;
    }

    /** Differs in every sector of the block. */
    private static DatabaseHeader changed(DatabaseHeader header, long value) {
        DatabaseHeader changed = header.withCommittedUpTo(header.committedUpTo() + value);
        for (int offset = 512; offset < 4096; offset += 512) {
            changed = changed.with(offset, header.sequence() * 100 + value);
        }
        return changed;
    }

    @Test
    void aProcessThatDiesWhileItWritesTheHeaderMustLeaveOneOfTheTwo() {
        SimDisk disk = database(8192);
        DatabaseHeader before = DatabaseHeader.read(disk, PATH);
        DatabaseHeader after = writeHeader(disk, changed(before, 1));
        for (int operation = 0; operation <= disk.operationCount(); operation++) {
            DatabaseHeader earliest = operation == disk.operationCount() ? after : before;
            expect(disk.processCrashImage(operation), earliest, after);
            for (long seed = 0; seed < 50; seed++) {
                SimDisk image = disk.processCrashImage(operation, seed);
                DatabaseHeader found = expect(image, earliest, after);
                crashAgain(image, found, earliest);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(CrashPolicy.class)
    void aDatabaseThatHasItsNameMustBeComplete(CrashPolicy policy) {
        SimDisk disk = new SimDisk(DIRECTORY);
        Path made = DIRECTORY.resolve("a.new");
        DatabaseHeader header = DatabaseHeader.create(4096, 99, 1);
        disk.forceDirectory(DIRECTORY);
        disk.resetTrace();
        PageFile.create(disk, made, header, 8).close();
        disk.rename(made, PATH);
        disk.forceDirectory(DIRECTORY);
        byte[] whole = disk.contents(PATH);
        for (int operation = 0; operation <= disk.operationCount(); operation++) {
            for (long seed = 0; seed < 8; seed++) {
                SimDisk image = disk.crashImage(operation, policy, seed);
                boolean named = image.kind(PATH) == Storage.Kind.FILE;
                assertTrue(named || operation < disk.operationCount());
                if (named) {
                    assertArrayEquals(whole, image.contents(PATH), disk.describe(operation));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(CrashPolicy.class)
    void aDatabaseThatWasGrowingMustKeepWhatItHadAndGrowAgain(CrashPolicy policy) {
        SimDisk disk = database(4096);
        try (PageFile file = PageFile.open(disk, PATH, DatabaseHeader.read(disk, PATH))) {
            Sealed.fill(file, 2, 8);
            file.force();
            disk.resetTrace();
            file.grow(30);
        }
        for (int operation = 0; operation <= disk.operationCount(); operation++) {
            for (long seed = 0; seed < 8; seed++) {
                SimDisk image = disk.crashImage(operation, policy, seed);
                try (PageFile file = PageFile.open(image, PATH, DatabaseHeader.read(image, PATH))) {
                    assertTrue(file.pageCount() >= (operation == disk.operationCount() ? 30 : 8));
                    file.grow(40);
                    Sealed.fill(file, 8, 40);
                    file.force();
                    for (long page = 2; page < 40; page++) {
                        file.verify(page);
                    }
                    assertEquals(40 * 4096, image.durableContents(PATH).length);
                    ByteBuffer seven = Sealed.buffer(4096);
                    file.read(seven, 7);
                    assertArrayEquals(Sealed.page(4096, 1, 99, 7).array(), seven.array());
                }
            }
        }
    }
}
