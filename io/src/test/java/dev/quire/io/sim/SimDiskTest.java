package dev.quire.io.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.Storage.Access;
import dev.quire.io.Storage.Kind;
import dev.quire.io.StorageFaultException;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What crashes leave. */
class SimDiskTest {

    private static final Path DIRECTORY = Path.of("/sim");
    private static final Path A = DIRECTORY.resolve("a");
    private static final Path B = DIRECTORY.resolve("b");
    private static final int SECTOR = 512;

    private final SimDisk disk = new SimDisk(DIRECTORY);

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static ByteBuffer buffer(int length, int value) {
        return ByteBuffer.wrap(filled(length, value));
    }

    /** A file of ones, durable in name and contents. */
    private StoreFile durableFile(Path path, int length) {
        StoreFile file = disk.create(path);
        file.write(buffer(length, 1), 0);
        file.force();
        disk.forceDirectory(DIRECTORY);
        return file;
    }

    private SimDisk crashNow(CrashPolicy policy, long seed) {
        return disk.crashImage(disk.operationCount(), policy, seed);
    }

    @Test
    @DisplayName("what was forced, name and contents, must survive under every policy")
    void forcedSurvives() {
        durableFile(A, 5000).close();
        for (CrashPolicy policy : CrashPolicy.values()) {
            assertArrayEquals(filled(5000, 1), crashNow(policy, 1).contents(A), policy.name());
        }
    }

    @Test
    @DisplayName("an unforced write must be lost under NONE and kept under ALL")
    void unforcedWrite() {
        StoreFile file = durableFile(A, SECTOR);
        file.write(buffer(2 * SECTOR, 2), 0);
        assertArrayEquals(filled(SECTOR, 1), crashNow(CrashPolicy.NONE, 1).contents(A));
        assertArrayEquals(filled(2 * SECTOR, 2), crashNow(CrashPolicy.ALL, 1).contents(A));
        assertArrayEquals(filled(2 * SECTOR, 2), disk.contents(A));
        assertArrayEquals(filled(SECTOR, 1), disk.durableContents(A));
    }

    @Test
    @DisplayName("a forced file must be lost with its name when its directory was not forced")
    void nameOfForcedFile() {
        StoreFile file = disk.create(A);
        file.write(buffer(10, 1), 0);
        file.force();
        assertEquals(Kind.NONE, crashNow(CrashPolicy.NONE, 1).kind(A));
        assertEquals(Kind.NONE, crashNow(CrashPolicy.DATA_WITHOUT_NAMES, 1).kind(A));
        disk.forceDirectory(DIRECTORY);
        assertArrayEquals(filled(10, 1), crashNow(CrashPolicy.NONE, 1).contents(A));
    }

    @Test
    @DisplayName("a new directory must take everything in it along when its own name is lost")
    void lostDirectory() {
        Path inner = DIRECTORY.resolve("sub");
        disk.createDirectory(inner);
        disk.create(inner.resolve("file")).close();
        disk.forceDirectory(inner);
        assertEquals(Kind.NONE, crashNow(CrashPolicy.NONE, 1).kind(inner));
        disk.forceDirectory(DIRECTORY);
        assertEquals(Kind.FILE, crashNow(CrashPolicy.NONE, 1).kind(inner.resolve("file")));
    }

    @Test
    @DisplayName("a name may survive without contents, as an empty file")
    void nameWithoutContents() {
        StoreFile file = disk.create(A);
        file.write(buffer(10, 1), 0);
        disk.forceDirectory(DIRECTORY);
        assertEquals(0, crashNow(CrashPolicy.NONE, 1).contents(A).length);
        assertEquals(0, crashNow(CrashPolicy.NAMES_WITHOUT_DATA, 1).contents(A).length);
    }

    @Test
    @DisplayName("an unforced rename must leave one name or the other, never none and never both")
    void renameIsAtomic() {
        durableFile(A, 10).close();
        disk.rename(A, B);
        Set<List<String>> seen = new HashSet<>();
        for (CrashPolicy policy : CrashPolicy.values()) {
            for (long seed = 0; seed < 20; seed++) {
                SimDisk image = crashNow(policy, seed);
                seen.add(image.list(DIRECTORY));
                assertArrayEquals(
                        filled(10, 1),
                        image.contents(DIRECTORY.resolve(image.list(DIRECTORY).get(0))));
            }
        }
        assertEquals(Set.of(List.of("a"), List.of("b")), seen);
    }

    @Test
    @DisplayName("a rename between directories must be safe only when both were forced, and whole before")
    void renameBetweenDirectories() {
        Path sub = DIRECTORY.resolve("sub");
        disk.createDirectory(sub);
        durableFile(A, 10).close();
        disk.rename(A, sub.resolve("a"));
        disk.forceDirectory(sub);
        assertEquals(Kind.FILE, crashNow(CrashPolicy.NONE, 1).kind(A));
        assertEquals(Kind.NONE, crashNow(CrashPolicy.NONE, 1).kind(sub.resolve("a")));
        disk.forceDirectory(DIRECTORY);
        assertEquals(Kind.NONE, crashNow(CrashPolicy.NONE, 1).kind(A));
        assertEquals(Kind.FILE, crashNow(CrashPolicy.NONE, 1).kind(sub.resolve("a")));
    }

    @Test
    @DisplayName("a file must never lose both names because its old one was taken again")
    void renameThenReuse() {
        durableFile(A, 10).close();
        disk.rename(A, B);
        disk.create(A).close();
        for (CrashPolicy policy : CrashPolicy.values()) {
            for (long seed = 0; seed < 50; seed++) {
                SimDisk image = crashNow(policy, seed);
                boolean kept = image.list(DIRECTORY).stream()
                        .anyMatch(name -> image.contents(DIRECTORY.resolve(name)).length == 10);
                assertTrue(kept, policy + " seed=" + seed);
            }
        }
    }

    @Test
    @DisplayName("an unforced deletion may be lost and then the file is as it was")
    void deletionMayBeLost() {
        durableFile(A, 10).close();
        disk.delete(A);
        assertArrayEquals(filled(10, 1), crashNow(CrashPolicy.NONE, 1).contents(A));
        assertEquals(Kind.NONE, crashNow(CrashPolicy.ALL, 1).kind(A));
        disk.forceDirectory(DIRECTORY);
        assertEquals(Kind.NONE, crashNow(CrashPolicy.NONE, 1).kind(A));
    }

    @Test
    @DisplayName("a torn write must leave each sector whole, old or new, and over some seeds every mixture")
    void tornSectors() {
        StoreFile file = durableFile(A, 3 * SECTOR);
        file.write(buffer(3 * SECTOR, 2), 0);
        Set<String> mixtures = new HashSet<>();
        for (long seed = 0; seed < 200; seed++) {
            byte[] left = crashNow(CrashPolicy.TORN_SECTORS, seed).contents(A);
            StringBuilder mixture = new StringBuilder();
            for (int sector = 0; sector < 3; sector++) {
                byte first = left[sector * SECTOR];
                byte[] whole = Arrays.copyOfRange(left, sector * SECTOR, (sector + 1) * SECTOR);
                assertArrayEquals(filled(SECTOR, first), whole);
                mixture.append(first);
            }
            mixtures.add(mixture.toString());
        }
        assertEquals(8, mixtures.size(), mixtures.toString());
    }

    @Test
    @DisplayName("a sector that carries a later write must carry the earlier one, too")
    void sectorsAreWholes() {
        StoreFile file = durableFile(A, SECTOR);
        file.write(buffer(10, 2), 0);
        file.write(buffer(10, 3), 100);
        byte[] left = crashNow(CrashPolicy.LAST_ONLY, 1).contents(A);
        assertEquals(2, left[0]);
        assertEquals(3, left[100]);
    }

    @Test
    @DisplayName("PREFIX must never keep a write and lose an earlier one in another file")
    void prefixKeepsOrder() {
        StoreFile a = durableFile(A, SECTOR);
        StoreFile b = durableFile(B, SECTOR);
        a.write(buffer(SECTOR, 2), 0);
        b.write(buffer(SECTOR, 2), 0);
        Set<String> seen = new HashSet<>();
        Set<String> unordered = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            SimDisk prefix = crashNow(CrashPolicy.PREFIX, seed);
            seen.add(prefix.contents(A)[0] + "," + prefix.contents(B)[0]);
            SimDisk random = crashNow(CrashPolicy.RANDOM_OPS, seed);
            unordered.add(random.contents(A)[0] + "," + random.contents(B)[0]);
        }
        assertEquals(Set.of("1,1", "2,1", "2,2"), seen);
        assertEquals(Set.of("1,1", "2,1", "1,2", "2,2"), unordered);
    }

    @Test
    @DisplayName("LAST_ONLY must keep the last operation alone, ALL_BUT_ONE lose exactly one")
    void lastOnlyAndAllButOne() {
        StoreFile file = durableFile(A, 4 * SECTOR);
        for (int sector = 0; sector < 4; sector++) {
            file.write(buffer(SECTOR, 2), sector * SECTOR);
        }
        assertEquals(
                List.of(1, 1, 1, 2), sectors(crashNow(CrashPolicy.LAST_ONLY, 5).contents(A)));
        Set<List<Integer>> seen = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            seen.add(sectors(crashNow(CrashPolicy.ALL_BUT_ONE, seed).contents(A)));
        }
        assertEquals(Set.of(List.of(1, 2, 2, 2), List.of(2, 1, 2, 2), List.of(2, 2, 1, 2), List.of(2, 2, 2, 1)), seen);
    }

    private static List<Integer> sectors(byte[] bytes) {
        return IntStream.range(0, bytes.length / SECTOR)
                .mapToObj(sector -> (int) bytes[sector * SECTOR])
                .toList();
    }

    @Test
    @DisplayName("size and data of a file that grows must be able to arrive one without the other")
    void sizeAndData() {
        StoreFile file = durableFile(A, SECTOR);
        file.write(buffer(SECTOR, 2), SECTOR);
        byte[] grown = crashNow(CrashPolicy.SIZE_WITHOUT_DATA, 1).contents(A);
        assertEquals(List.of(1, 0), sectors(grown));
        assertEquals(
                List.of(1), sectors(crashNow(CrashPolicy.DATA_WITHOUT_SIZE, 1).contents(A)));
    }

    @Test
    @DisplayName("space that a file grew into must be able to hold old bytes of another")
    void staleSpace() {
        durableFile(B, 8192).close();
        disk.delete(B);
        disk.forceDirectory(DIRECTORY);
        StoreFile file = durableFile(A, SECTOR);
        file.allocate(SECTOR, 8192);
        boolean stale = false;
        boolean noise = false;
        for (long seed = 0; seed < 50; seed++) {
            List<Integer> left = sectors(crashNow(CrashPolicy.STALE_SPACE, seed).contents(A));
            assertEquals(1, left.get(0));
            stale |= left.stream().allMatch(value -> value == 1);
            noise |= left.stream().anyMatch(value -> value > 1);
        }
        assertTrue(stale && noise);
        file.force();
        assertEquals(
                0, sectors(crashNow(CrashPolicy.STALE_SPACE, 1).contents(A)).get(5));
    }

    @Test
    @DisplayName("a write through must keep its own sectors and nothing else")
    void writeThrough() {
        StoreFile file = durableFile(A, 4 * SECTOR);
        file.write(buffer(4 * SECTOR, 2), 0);
        file.writeThrough(filled(SECTOR, 3), 0, SECTOR, SECTOR);
        assertEquals(List.of(1, 3, 1, 1), sectors(crashNow(CrashPolicy.NONE, 1).contents(A)));
        assertEquals(List.of(2, 3, 2, 2), sectors(crashNow(CrashPolicy.ALL, 1).contents(A)));
        for (long seed = 0; seed < 50; seed++) {
            assertEquals(
                    3,
                    sectors(crashNow(CrashPolicy.TORN_SECTORS, seed).contents(A))
                            .get(1));
        }
        file.writeThrough(filled(SECTOR, 4), 0, SECTOR, 6 * SECTOR);
        assertEquals(
                List.of(1, 3, 1, 1, 0, 0, 4),
                sectors(crashNow(CrashPolicy.NONE, 1).contents(A)));
    }

    @Test
    @DisplayName("a crash within an operation must treat it as unforced, a force under way as not done")
    void crashWithinOperations() {
        StoreFile file = durableFile(A, SECTOR);
        int write = disk.operationCount();
        file.write(buffer(SECTOR, 2), 0);
        file.force();
        file.writeThrough(filled(SECTOR, 3), 0, SECTOR, 0);
        assertEquals(1, disk.crashImage(write, CrashPolicy.NONE, 1).contents(A)[0]);
        assertEquals(2, disk.crashImage(write, CrashPolicy.ALL, 1).contents(A)[0]);
        assertEquals(1, disk.crashImage(write + 1, CrashPolicy.NONE, 1).contents(A)[0]);
        assertEquals(2, disk.crashImage(write + 2, CrashPolicy.NONE, 1).contents(A)[0]);
        assertEquals(3, disk.crashImage(write + 2, CrashPolicy.ALL, 1).contents(A)[0]);
        assertEquals(3, disk.crashImage(write + 3, CrashPolicy.NONE, 1).contents(A)[0]);
    }

    @Test
    @DisplayName("the same trace must be crashed at an early operation after a late one, with the same result")
    void recrash() {
        StoreFile file = durableFile(A, SECTOR);
        int start = disk.operationCount();
        for (int i = 2; i < 100; i++) {
            file.write(buffer(SECTOR, i), 0);
            file.force();
        }
        for (int i = 99; i >= 2; i--) {
            int crash = start + (i - 2) * 2;
            assertEquals(i - 1, disk.crashImage(crash, CrashPolicy.NONE, 1).contents(A)[0]);
            assertEquals(i, disk.crashImage(crash + 2, CrashPolicy.NONE, 1).contents(A)[0]);
        }
    }

    @Test
    @DisplayName("the same seed must give the same image, and seeds must differ")
    void deterministic() {
        StoreFile file = durableFile(A, 64 * SECTOR);
        file.write(buffer(64 * SECTOR, 2), 0);
        for (CrashPolicy policy : CrashPolicy.values()) {
            assertArrayEquals(
                    crashNow(policy, 9).contents(A), crashNow(policy, 9).contents(A));
        }
        byte[] torn = crashNow(CrashPolicy.TORN_SECTORS, 9).contents(A);
        assertFalse(Arrays.equals(torn, crashNow(CrashPolicy.TORN_SECTORS, 10).contents(A)));
    }

    @Test
    @DisplayName("the end of the process must keep everything readable and nothing safer than it was")
    void processCrashThenPowerCut() {
        StoreFile file = durableFile(A, SECTOR);
        file.write(buffer(SECTOR, 2), 0);
        disk.create(B).close();
        disk.lock(DIRECTORY.resolve("lock"));
        SimDisk killed = disk.processCrashImage(disk.operationCount());
        assertEquals(2, killed.contents(A)[0]);
        assertEquals(List.of("a", "b", "lock"), killed.list(DIRECTORY));
        killed.lock(DIRECTORY.resolve("lock")).close();
        SimDisk cut = killed.crashImage(0, CrashPolicy.NONE, 1);
        assertEquals(1, cut.contents(A)[0]);
        assertEquals(List.of("a"), cut.list(DIRECTORY));
        assertEquals(2, killed.crashImage(0, CrashPolicy.ALL, 1).contents(A)[0]);

        killed.open(A, Access.WRITE).force();
        killed.forceDirectory(DIRECTORY);
        cut = killed.crashImage(killed.operationCount(), CrashPolicy.NONE, 1);
        assertEquals(2, cut.contents(A)[0]);
        assertEquals(List.of("a", "b", "lock"), cut.list(DIRECTORY));
        assertEquals(2, disk.contents(A)[0]);
    }

    @Test
    @DisplayName("the end of the process within a write must leave a beginning of it to read, and that unforced")
    void processCrashWithinWrite() {
        StoreFile file = durableFile(A, 4 * SECTOR);
        int write = disk.operationCount();
        file.write(buffer(4 * SECTOR, 2), 0);
        Set<List<Integer>> seen = new HashSet<>();
        for (long seed = 0; seed < 200; seed++) {
            SimDisk killed = disk.processCrashImage(write, seed);
            seen.add(sectors(killed.contents(A)));
            assertEquals(
                    List.of(1, 1, 1, 1),
                    sectors(killed.crashImage(0, CrashPolicy.NONE, 1).contents(A)));
            assertArrayEquals(
                    killed.contents(A), killed.crashImage(0, CrashPolicy.ALL, 1).contents(A));
        }
        assertTrue(seen.containsAll(Set.of(List.of(1, 1, 1, 1), List.of(2, 1, 1, 1), List.of(2, 2, 2, 1))));
        assertFalse(seen.contains(List.of(1, 2, 2, 2)));
    }

    @Test
    @DisplayName("an image must be a disk of its own: neither it nor its origin sees the other's writes")
    void imagesAreIndependent() {
        StoreFile file = durableFile(A, SECTOR);
        SimDisk image = crashNow(CrashPolicy.ALL, 1);
        assertEquals(0, image.operationCount());
        try (StoreFile other = image.open(A, Access.WRITE)) {
            other.write(buffer(SECTOR, 5), 0);
        }
        file.write(buffer(SECTOR, 6), 0);
        assertEquals(5, image.contents(A)[0]);
        assertEquals(6, disk.contents(A)[0]);
        assertEquals(1, image.crashImage(1, CrashPolicy.NONE, 1).contents(A)[0]);
        assertNotEquals(List.of(), disk.operations());
    }

    @Test
    @DisplayName("a trace that starts anew must still lose what was unforced before")
    void resetTrace() {
        StoreFile file = durableFile(A, SECTOR);
        file.write(buffer(SECTOR, 2), 0);
        disk.create(B).close();
        disk.resetTrace();
        assertEquals(0, disk.operationCount());
        assertEquals(1, crashNow(CrashPolicy.NONE, 1).contents(A)[0]);
        assertEquals(Kind.NONE, crashNow(CrashPolicy.NONE, 1).kind(B));
        assertEquals(Kind.FILE, crashNow(CrashPolicy.ALL, 1).kind(B));
        file.force();
        disk.forceDirectory(DIRECTORY);
        assertEquals(1, disk.crashImage(0, CrashPolicy.NONE, 1).contents(A)[0]);
        assertEquals(2, crashNow(CrashPolicy.NONE, 1).contents(A)[0]);
        assertEquals(Kind.FILE, crashNow(CrashPolicy.NONE, 1).kind(B));
    }

    @Test
    @DisplayName("without a trace the present must crash as it does with one, and the past not at all")
    void withoutTrace() {
        disk.recordTrace(false);
        StoreFile file = durableFile(A, 2 * SECTOR);
        file.write(buffer(SECTOR, 2), 0);
        file.write(buffer(SECTOR, 3), SECTOR);
        file.writeThrough(filled(SECTOR, 4), 0, SECTOR, 0);
        disk.create(B).close();
        assertEquals(List.of(4, 1), sectors(crashNow(CrashPolicy.NONE, 1).contents(A)));
        assertEquals(List.of(4, 3), sectors(crashNow(CrashPolicy.ALL, 1).contents(A)));
        assertEquals(Kind.NONE, crashNow(CrashPolicy.NONE, 1).kind(B));
        assertThrows(IllegalArgumentException.class, () -> disk.crashImage(1, CrashPolicy.ALL, 1));
    }

    @Test
    @DisplayName("after the power is off every call must fail, but images can still be made")
    void powerOff() {
        StoreFile file = durableFile(A, SECTOR);
        disk.powerOff();
        assertThrows(StorageFaultException.class, () -> file.write(buffer(1, 1), 0));
        assertThrows(StorageFaultException.class, () -> file.read(new byte[1], 0, 1, 0));
        assertThrows(StorageFaultException.class, () -> disk.create(B));
        assertThrows(StorageFaultException.class, () -> disk.list(DIRECTORY));
        assertEquals(1, crashNow(CrashPolicy.NONE, 1).contents(A)[0]);
        file.close();
    }

    @Test
    @DisplayName("an operation must be described by number, kind, path and range")
    void describe() {
        StoreFile file = disk.create(A);
        file.write(buffer(10, 1), 5);
        assertEquals("#0 CREATE " + A, disk.describe(0));
        assertEquals("#1 WRITE " + A + " [5, 15)", disk.describe(1));
        assertEquals("after the last operation", disk.describe(2));
    }

    @Test
    @DisplayName("allocated zeros must take no memory to speak of, nor must images of them")
    void zerosAreFree() {
        StoreFile file = disk.create(A);
        for (long at = 0; at < 1L << 40; at += 1L << 34) {
            file.allocate(at, at + 4096);
        }
        assertEquals((1L << 40) - (1L << 34) + 4096, file.size());
    }
}
