package dev.quire.io.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StorageFaultException;
import dev.quire.io.StorageFullException;
import dev.quire.io.UnavailableException;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A page file on a disk that can fail: what failed must not be reported as done later. */
class PageFileOnSimDiskTest extends FirstTouchContract {

    private static final Path DIRECTORY = Path.of("/databases");

    private final SimDisk disk = new SimDisk(DIRECTORY);

    @Override
    Storage storage() {
        return disk;
    }

    @Override
    Path directory() {
        return DIRECTORY;
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"EIO_WRITE", "SHORT_WRITE", "NO_SPACE", "FAILED_FORCE"})
    void aFailedCreationMustLeaveNoFile(Fault fault) {
        Path other = DIRECTORY.resolve("other.qdb");
        DatabaseHeader header = DatabaseHeader.create(PAGE_SIZE, 7, 1);
        int operations = 8; // create, allocate, settle, and write and force each copy
        int failed = 0;
        for (int i = 0; i < operations; i++) {
            disk.resetTrace();
            disk.failAt(i, fault, false);
            int hits = disk.faultsHit();
            try {
                PageFile.create(disk, other, header, 10).close();
            } catch (QuireException e) {
                failed++;
                assertEquals(List.of("a.qdb"), disk.list(DIRECTORY));
                continue;
            }
            assertEquals(hits, disk.faultsHit(), "operation " + i);
            disk.delete(other);
        }
        assertTrue(failed >= 3, "failed=" + failed);
    }

    @Test
    void afterAFailedWriteNothingMustBeWrittenOrForced() {
        disk.failAt(disk.operationCount(), Fault.EIO_WRITE, false);
        assertThrows(StorageFaultException.class, () -> Sealed.fill(file, 5, 6));
        assertRefusesToWrite();
    }

    @Test
    void afterAFailedForceNothingMustBeWrittenOrForced() {
        Sealed.fill(file, 5, 6);
        disk.failAt(disk.operationCount(), Fault.FAILED_FORCE, false);
        assertThrows(StorageFaultException.class, file::force);
        assertRefusesToWrite();
    }

    @Test
    void afterAFailedForceWhileGrowingNothingMustBeWrittenAndTheFileMustNotSeemLonger() {
        disk.failAt(disk.operationCount() + 1, Fault.FAILED_FORCE, false);
        assertThrows(StorageFaultException.class, () -> file.grow(50));
        assertEquals(40, file.pageCount());
        assertRefusesToWrite();
    }

    @Test
    void aHeaderThatCouldNotBeWrittenMustNotBeShownAsWritten() {
        for (int i = 0; i < 6; i++) {
            DatabaseHeader before = file.header();
            disk.resetTrace();
            disk.failAt(i, i % 2 == 0 ? Fault.EIO_WRITE : Fault.FAILED_FORCE, false);
            assertThrows(StorageFaultException.class, () -> file.writeHeader(before.withDatabaseId(3)));
            assertEquals(before, file.header());
            assertRefusesToWrite();
            disk.clearFaults();
            reopen();
            file.writeHeader(file.header());
            reopen();
        }
    }

    private void assertRefusesToWrite() {
        int operations = disk.operationCount();
        assertThrows(UnavailableException.class, file::force);
        assertThrows(UnavailableException.class, () -> Sealed.fill(file, 5, 6));
        assertThrows(UnavailableException.class, () -> file.grow(60));
        assertThrows(UnavailableException.class, () -> file.writeHeader(file.header()));
        assertEquals(operations, disk.operationCount(), "nothing reached the disk");
        file.state(20);
        file.find(20, new PageRef());
    }

    @Test
    void aFullDiskMustLeaveTheFileAsItWasAndGrowthRepeatable() {
        disk.failAt(disk.operationCount(), Fault.NO_SPACE, false);
        assertThrows(StorageFullException.class, () -> file.grow(50));
        disk.quota(45 * PAGE_SIZE + 100); // room for a part
        assertThrows(StorageFullException.class, () -> file.grow(50));
        assertEquals(40, file.pageCount());
        Sealed.fill(file, 20, 21);
        file.force();
        disk.quota(1L << 40);
        file.grow(50);
        Sealed.fill(file, 2, 50);
        for (long page = 2; page < 50; page++) {
            file.verify(page);
        }
    }

    @Test
    void aPageThatCannotBeReadMustNotBeBelieved() {
        Sealed.fill(file, 2, 40);
        disk.unreadable(path, 20L * PAGE_SIZE, 512);
        assertThrows(StorageFaultException.class, () -> file.verify(20));
        assertVerified(false, 20, 21);
        file.verify(21);
    }

    @Test
    void aReadAheadIntoABadPlaceMustNotHurtTheReader() {
        Sealed.fill(file, 2, 40);
        disk.unreadable(path, 20L * PAGE_SIZE, 512);
        file.verify(10);
        file.verify(11);
        assertVerified(true, 10, 12);
        assertThrows(StorageFaultException.class, () -> file.verify(20));
    }

    @Test
    void aHeaderThatCannotBeReadMustBeReplacedByItsShadow() {
        disk.unreadable(path, 0, 512);
        int[] damaged = new int[1];
        assertEquals(file.header(), DatabaseHeader.read(disk, path, fault -> damaged[0]++));
        assertEquals(1, damaged[0]);
    }
}
