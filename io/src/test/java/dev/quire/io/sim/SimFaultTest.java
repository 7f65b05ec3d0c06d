package dev.quire.io.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quire.io.Storage.Access;
import dev.quire.io.Storage.Kind;
import dev.quire.io.StorageFaultException;
import dev.quire.io.StorageFullException;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What planned faults do. */
class SimFaultTest {

    private static final Path DIRECTORY = Path.of("/sim");
    private static final Path A = DIRECTORY.resolve("a");
    private static final Path B = DIRECTORY.resolve("b");
    private static final int SECTOR = 512;

    private final SimDisk disk = new SimDisk(DIRECTORY);
    private StoreFile file;

    @BeforeEach
    void aDurableFileOfOnes() {
        file = disk.create(A);
        file.write(buffer(8 * SECTOR, 1), 0);
        file.force();
        disk.forceDirectory(DIRECTORY);
        disk.resetTrace();
    }

    private static ByteBuffer buffer(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return ByteBuffer.wrap(bytes);
    }

    private byte[] afterPowerCut() {
        return disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 1).contents(A);
    }

    @Test
    @DisplayName("a failed write must do nothing, and only at its operation")
    void failedWrite() {
        disk.failAt(1, Fault.EIO_WRITE, false);
        file.write(buffer(10, 2), 0);
        assertThrows(StorageFaultException.class, () -> file.write(buffer(10, 3), 0));
        assertEquals(2, disk.contents(A)[0]);
        file.write(buffer(10, 4), 0);
        assertEquals(4, disk.contents(A)[0]);
        assertEquals(1, disk.faultsHit());
    }

    @Test
    @DisplayName("a fault for ever must hit every later operation it applies to, and no other")
    void forever() {
        disk.failAt(1, Fault.EIO_WRITE, true);
        file.write(buffer(10, 2), 0);
        for (int i = 0; i < 3; i++) {
            assertThrows(StorageFaultException.class, () -> file.write(buffer(10, 3), 0));
            assertThrows(StorageFaultException.class, () -> disk.create(B));
            assertThrows(StorageFaultException.class, () -> disk.rename(A, B));
            file.force();
        }
        assertEquals(Kind.NONE, disk.kind(B));
        disk.clearFaults();
        disk.create(B).close();
        assertEquals(9, disk.faultsHit());
    }

    @Test
    @DisplayName("a short write must leave its first half and fail")
    void shortWrite() {
        disk.failAt(0, Fault.SHORT_WRITE, false);
        assertThrows(StorageFaultException.class, () -> file.write(buffer(4 * SECTOR, 2), 0));
        byte[] left = disk.contents(A);
        assertEquals(2, left[2 * SECTOR - 1]);
        assertEquals(1, left[2 * SECTOR]);
    }

    @Test
    @DisplayName("no space must be StorageFull and leave nothing")
    void noSpace() {
        disk.failAt(0, Fault.NO_SPACE, true);
        assertThrows(StorageFullException.class, () -> file.write(buffer(10, 2), 0));
        assertThrows(StorageFullException.class, () -> file.allocate(0, 10_000));
        assertThrows(StorageFullException.class, () -> disk.createDirectory(B));
        assertEquals(8 * SECTOR, file.size());
        assertEquals(1, disk.contents(A)[0]);
        disk.delete(A);
    }

    @Test
    @DisplayName("a quota must stop growth where it is reached, allow overwriting, and give room back on deletion")
    void quota() {
        disk.quota(10 * SECTOR);
        assertEquals(2 * SECTOR, disk.usableBytes(DIRECTORY));
        file.write(buffer(8 * SECTOR, 2), 0);
        assertThrows(StorageFullException.class, () -> file.write(buffer(4 * SECTOR, 3), 7 * SECTOR));
        assertEquals(10 * SECTOR, file.size());
        assertEquals(3, disk.contents(A)[10 * SECTOR - 1]);
        StoreFile other = disk.create(B);
        assertThrows(StorageFullException.class, () -> other.allocate(0, 1));
        disk.delete(A);
        other.allocate(0, 10 * SECTOR);
    }

    @Test
    @DisplayName("a failed force must lose what is read all the same, and the next one report success")
    void failedForce() {
        file.write(buffer(SECTOR, 2), 0);
        disk.failAt(1, Fault.FAILED_FORCE, false);
        assertThrows(StorageFaultException.class, file::force);
        assertEquals(2, disk.contents(A)[0]);
        file.write(buffer(SECTOR, 3), 2 * SECTOR);
        file.force();
        assertEquals(2, disk.contents(A)[0]);
        assertEquals(1, afterPowerCut()[0]);
        assertEquals(3, afterPowerCut()[2 * SECTOR]);
        for (CrashPolicy policy : CrashPolicy.values()) {
            SimDisk image = disk.crashImage(disk.operationCount(), policy, 3);
            assertEquals(1, image.contents(A)[0], policy.name());
        }
        SimDisk killed = disk.processCrashImage(disk.operationCount());
        assertEquals(2, killed.contents(A)[0]);
        killed.open(A, Access.WRITE).force();
        assertEquals(
                1,
                killed.crashImage(killed.operationCount(), CrashPolicy.ALL, 1).contents(A)[0]);
    }

    @Test
    @DisplayName("what a failed force lost must become durable when it is written again and forced")
    void rewriteAfterFailedForce() {
        file.write(buffer(SECTOR, 2), 0);
        disk.failAt(1, Fault.FAILED_FORCE, false);
        assertThrows(StorageFaultException.class, file::force);
        file.write(buffer(SECTOR, 2), 0);
        file.force();
        assertEquals(2, afterPowerCut()[0]);
    }

    @Test
    @DisplayName("a failed write through must be readable and lost")
    void failedWriteThrough() {
        disk.failAt(0, Fault.FAILED_FORCE, false);
        byte[] twos = buffer(SECTOR, 2).array();
        assertThrows(StorageFaultException.class, () -> file.writeThrough(twos, 0, SECTOR, 0));
        file.force();
        assertEquals(2, disk.contents(A)[0]);
        assertEquals(1, afterPowerCut()[0]);
    }

    @Test
    @DisplayName("a failed force of a directory must lose its names although they are seen")
    void failedDirectoryForce() {
        disk.create(B).close();
        disk.failAt(1, Fault.FAILED_FORCE, false);
        assertThrows(StorageFaultException.class, () -> disk.forceDirectory(DIRECTORY));
        disk.forceDirectory(DIRECTORY);
        assertEquals(Kind.FILE, disk.kind(B));
        assertEquals(
                Kind.NONE,
                disk.crashImage(disk.operationCount(), CrashPolicy.ALL, 1).kind(B));
    }

    @Test
    @DisplayName("a failed read must be the one of its number, by either family of methods")
    void failedRead() {
        file.read(new byte[1], 0, 1, 0);
        disk.failAt(disk.readCount() + 1, Fault.EIO_READ, false);
        file.read(new byte[1], 0, 1, 0);
        assertThrows(StorageFaultException.class, () -> file.read(ByteBuffer.allocate(1), 0));
        file.read(new byte[1], 0, 1, 0);
    }

    @Test
    @DisplayName("an unreadable range must fail every read that touches it and no other")
    void unreadable() {
        disk.unreadable(A, SECTOR, SECTOR);
        file.read(new byte[SECTOR], 0, SECTOR, 0);
        file.read(new byte[SECTOR], 0, SECTOR, 2 * SECTOR);
        assertThrows(StorageFaultException.class, () -> file.read(new byte[2], 0, 2, SECTOR - 1));
        assertThrows(StorageFaultException.class, () -> file.transferTo(0, 2 * SECTOR, disk.create(B), 0));
    }

    @Test
    @DisplayName("a lost write must be acknowledged and never be seen, nor be durable")
    void lostWrite() {
        disk.failAt(0, Fault.LOST_WRITE, false);
        file.write(buffer(SECTOR, 2), 0);
        file.force();
        assertEquals(1, disk.contents(A)[0]);
        assertEquals(1, afterPowerCut()[0]);
    }

    @Test
    @DisplayName("a misdirected write must be acknowledged and be found in another place")
    void misdirectedWrite() {
        disk.failAt(0, Fault.MISDIRECTED_WRITE, false);
        file.write(buffer(SECTOR, 2), 2 * SECTOR);
        file.force();
        byte[] left = afterPowerCut();
        assertEquals(1, left[2 * SECTOR]);
        assertEquals(2, left[SECTOR] + left[3 * SECTOR] - 1);
    }

    @Test
    @DisplayName("changed bits must be seen, mapped and durable, and be gone when the place is written again")
    void corrupt() {
        ByteBuffer map = disk.open(A, Access.READ).map(0, 8 * SECTOR);
        file.write(buffer(SECTOR, 1), 0);
        disk.corrupt(A, 7, 0x81);
        assertEquals((byte) 0x80, disk.contents(A)[7]);
        assertEquals((byte) 0x80, map.get(7));
        assertEquals((byte) 0x80, afterPowerCut()[7]);
        assertEquals((byte) 0x80, disk.crashImage(1, CrashPolicy.ALL, 1).contents(A)[7]);
        file.force();
        assertEquals((byte) 0x80, afterPowerCut()[7]);
        assertEquals(1, disk.contents(A)[6]);
        file.write(buffer(SECTOR, 1), 0);
        assertEquals(1, disk.contents(A)[7]);
        assertThrows(IllegalArgumentException.class, () -> disk.corrupt(A, 8 * SECTOR, 1));
    }

    @Test
    @DisplayName("planted and resized files must be durable without an operation")
    void plantAndResize() {
        disk.plant(B, new byte[] {1, 2, 3});
        disk.resize(A, 100);
        assertEquals(0, disk.operationCount());
        SimDisk image = disk.crashImage(0, CrashPolicy.NONE, 1);
        assertArrayEquals(new byte[] {1, 2, 3}, image.contents(B));
        assertEquals(100, image.contents(A).length);
        disk.plant(B, new byte[] {4});
        assertArrayEquals(new byte[] {4}, disk.contents(B));
    }
}
