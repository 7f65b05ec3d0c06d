package dev.quire.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.io.Storage.Access;
import dev.quire.io.Storage.Kind;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract, on the operating system, and what only it has. */
class FileStorageTest extends StorageContract {

    @TempDir
    Path directory;

    private final Storage storage = FileStorage.instance();

    @Override
    Storage storage() {
        return storage;
    }

    @Override
    Path directory() {
        return directory;
    }

    private static void assumePosix() {
        assumeTrue(Path.of("").getFileSystem().supportedFileAttributeViews().contains("posix"));
    }

    @Test
    @DisplayName("on the usual file systems of Linux there must be a way past the cache")
    void direct() throws IOException {
        assumeTrue(List.of("ext4", "xfs", "btrfs")
                .contains(Files.getFileStore(directory).type()));
        ByteBuffer unit = ByteBuffer.allocateDirect(2 * StoreFile.DIRECT_UNIT_BYTES)
                .alignedSlice(StoreFile.DIRECT_UNIT_BYTES)
                .limit(StoreFile.DIRECT_UNIT_BYTES);
        try (StoreFile file = storage.create(directory.resolve("file"))) {
            assertTrue(file.writeDirect(unit, 0));
            assertEquals(StoreFile.DIRECT_UNIT_BYTES, file.size());
        }
    }

    @Test
    @DisplayName("a file that is closed must leave no handle behind, whatever it was written with")
    void noHandleLeft() throws IOException {
        Path handles = Path.of("/proc/self/fd");
        assumeTrue(Files.isDirectory(handles));
        Path path = directory.resolve("file");
        ByteBuffer unit = ByteBuffer.allocateDirect(2 * StoreFile.DIRECT_UNIT_BYTES)
                .alignedSlice(StoreFile.DIRECT_UNIT_BYTES)
                .limit(StoreFile.DIRECT_UNIT_BYTES);
        try (StoreFile file = storage.create(path)) {
            file.writeDirect(unit, 0);
            file.writeThrough(new byte[1], 0, 1, 0);
            file.read(new byte[1], 0, 1, 0);
            assertTrue(handlesOf(path.toRealPath(), handles) > 2);
        }
        assertEquals(0, handlesOf(path.toRealPath(), handles));
    }

    private static long handlesOf(Path path, Path handles) throws IOException {
        try (Stream<Path> all = Files.list(handles)) {
            return all.filter(each -> path.equals(target(each))).count();
        }
    }

    private static Path target(Path handle) {
        try {
            return Files.readSymbolicLink(handle);
        } catch (IOException closedMeanwhile) {
            return handle;
        }
    }

    @Test
    @DisplayName("what is written direct must not go to another file that has the name now")
    void directElsewhere() throws IOException {
        ByteBuffer unit = ByteBuffer.allocateDirect(2 * StoreFile.DIRECT_UNIT_BYTES)
                .alignedSlice(StoreFile.DIRECT_UNIT_BYTES)
                .limit(StoreFile.DIRECT_UNIT_BYTES);
        Path path = directory.resolve("file");
        try (StoreFile file = storage.create(path)) {
            Files.move(path, directory.resolve("other"));
            Files.createFile(path);
            for (int turn = 0; turn < 2; turn++) {
                try {
                    assertFalse(file.writeDirect(unit.duplicate(), 0));
                } catch (QuireException e) {
                    assertEquals(0, turn, e.getMessage());
                }
            }
            assertEquals(0, Files.size(path));
        }
    }

    @Test
    @DisplayName("files, lock files and directories must be open to their owner alone")
    void permissions() throws IOException {
        assumePosix();
        storage.create(directory.resolve("file")).close();
        storage.lock(directory.resolve("lock")).close();
        storage.createDirectory(directory.resolve("sub"));
        assertEquals("rw-------", permissions("file"));
        assertEquals("rw-------", permissions("lock"));
        assertEquals("rwx------", permissions("sub"));
    }

    private String permissions(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name)));
    }

    @Test
    @DisplayName("a symbolic link must be of kind OTHER and neither be opened, listed, locked, renamed nor deleted")
    void symbolicLinks() throws IOException {
        assumePosix();
        Path target = Files.write(directory.resolve("target"), new byte[] {1});
        Path link = Files.createSymbolicLink(directory.resolve("link"), target);
        Path loop = Files.createSymbolicLink(directory.resolve("up"), directory);
        Path nowhere = Files.createSymbolicLink(directory.resolve("nowhere"), directory.resolve("gone"));
        for (Path each : List.of(link, loop, nowhere)) {
            assertEquals(Kind.OTHER, storage.kind(each));
            for (Runnable refused : List.<Runnable>of(
                    () -> storage.open(each, Access.READ),
                    () -> storage.open(each, Access.WRITE),
                    () -> storage.list(each),
                    () -> storage.lock(each),
                    () -> storage.forceDirectory(each),
                    () -> storage.rename(each, directory.resolve("renamed")),
                    () -> storage.delete(each))) {
                QuireException refusal = assertThrows(QuireException.class, refused::run);
                assertSame(QuireError.FILE_INVALID_TYPE, refusal.error());
            }
            QuireException refusal = assertThrows(QuireException.class, () -> storage.create(each));
            assertSame(QuireError.FILE_ALREADY_EXISTS, refusal.error());
            refusal = assertThrows(QuireException.class, () -> storage.rename(target, each));
            assertSame(QuireError.FILE_ALREADY_EXISTS, refusal.error());
        }
        assertEquals(Kind.NONE, storage.kind(directory.resolve("gone")));
        assertArrayEquals(new byte[] {1}, Files.readAllBytes(target));
    }

    @Test
    @DisplayName("a real path must follow links, above what is not there too")
    void realPathsFollowLinks() throws IOException {
        assumePosix();
        Path real = Files.createDirectories(directory.resolve("real/sub")).toRealPath();
        Path link = Files.createSymbolicLink(directory.resolve("link"), real.getParent());
        Files.createSymbolicLink(real.resolve("back"), link);
        Path nowhere = Files.createSymbolicLink(real.resolve("nowhere"), directory.resolve("gone"));
        assertEquals(real, storage.realPath(link.resolve("sub")));
        assertEquals(real, storage.realPath(link.resolve("sub/back/sub/back/sub")));
        assertEquals(real.resolve("new/er"), storage.realPath(link.resolve("sub/new/er")));
        assertEquals(nowhere, storage.realPath(link.resolve("sub/nowhere")));
    }

    @Test
    @DisplayName("what the user may not or cannot name must be no fault of the disk, and the path be told once")
    void noFaultsOfTheDisk() {
        for (String action : List.of("create", "rename to b")) {
            QuireException readOnly =
                    DiskFaults.of(new FileSystemException("a", "b", "Read-only file system"), Path.of("a"), action);
            assertEquals(action + ": Read-only file system [FILE_ACCESS_DENIED -1032] a", readOnly.getMessage());
        }
        QuireException broken =
                DiskFaults.of(new FileSystemException("no space left", null, "Input/output error"), Path.of("a"), "x");
        assertEquals("x: Input/output error [DISK_IO -1022] a", broken.getMessage());
        assumePosix();
        QuireException name =
                assertThrows(QuireException.class, () -> storage.createDirectory(directory.resolve("x".repeat(300))));
        assertEquals(QuireError.INVALID_PATH, name.error(), name::toString);
        assertFalse(name.getMessage().contains("nio"), name::getMessage);
        assertEquals(2, name.getMessage().split("xxx+", -1).length, name::getMessage);
    }

    @Test
    @DisplayName("what is mounted must be known, also a part of the same file system, and whatever its name is")
    void mounted() {
        assumeTrue(Files.isDirectory(Path.of("/dev/shm")) && Files.exists(Path.of("/proc/self/mountinfo")));
        assertTrue(storage.isMountPoint(Path.of("/proc")));
        assertTrue(storage.isMountPoint(Path.of("/dev/shm")));
        assertTrue(storage.isMountPoint(Path.of("/")));
        List<String> lines = List.of(
                "", "31 23 259:1 /srv /mnt/a\\040b\\134 ro,relatime shared:1 - ext4 /dev/sda1 rw", "23 1 259:1 / /");
        assertTrue(MountPoints.isListed(Path.of("/mnt/a b\\"), lines));
        assertTrue(MountPoints.isListed(Path.of("/"), lines));
        assertFalse(MountPoints.isListed(Path.of("/mnt"), lines));
        assertFalse(MountPoints.isListed(Path.of("/srv"), lines));
    }

    @Test
    @DisplayName("a lock on a file that was deleted meanwhile must not count")
    void lockOfADeletedFile() throws IOException {
        assumePosix();
        Path file = directory.resolve("lock");
        for (boolean anotherCame : new boolean[] {false, true}) {
            FileChannel late = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            Object key = HeldLock.key(file);
            Files.delete(file);
            if (anotherCame) {
                Files.createFile(file);
            }
            assertNull(HeldLock.lock(file, late, key));
            assertFalse(late.isOpen());
        }
        storage.lock(file).close();
    }

    @Test
    @DisplayName("a file that took the name of an open one must not be read in its place")
    void anotherFileUnderTheName() throws IOException {
        assumePosix();
        Path path = directory.resolve("file");
        try (StoreFile file = storage.create(path)) {
            file.write(ByteBuffer.wrap(new byte[] {1}), 0);
            Files.move(path, directory.resolve("aside"));
            Files.write(path, new byte[] {2});
            assertThrows(NotFoundException.class, () -> file.read(new byte[1], 0, 1, 0));
            assertThrows(NotFoundException.class, () -> file.writeThrough(new byte[1], 0, 1, 0));
        }
        assertArrayEquals(new byte[] {2}, Files.readAllBytes(path));
    }

    @Test
    @DisplayName("a write to a full device must be StorageFull")
    void fullDevice() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full));
        try (FileChannel channel = FileChannel.open(full, StandardOpenOption.WRITE)) {
            ChannelFile file = new ChannelFile(full, channel, FileIdentity.of(full), Access.WRITE);
            for (Runnable write :
                    List.<Runnable>of(() -> file.write(ByteBuffer.allocate(8), 0), () -> file.allocate(0, 10))) {
                QuireException refusal = assertThrows(StorageFullException.class, write::run);
                assertSame(QuireError.DISK_FULL, refusal.error());
            }
        }
    }

    @Test
    @DisplayName("what operating systems say of a full disk must be understood, and nothing else taken for it")
    void fullDiskMessages() {
        for (String said : List.of(
                "No space left on device",
                "File too large",
                "Disk quota exceeded",
                "There is not enough space on the disk")) {
            QuireException meant = DiskFaults.of(new IOException(said), directory, "write");
            assertInstanceOf(StorageFullException.class, meant, said);
        }
        for (String said : List.of("Input/output error", "Bad address", "Read-only file system")) {
            QuireException meant = DiskFaults.whileWriting(new IOException(said), directory, "write");
            assertInstanceOf(StorageFaultException.class, meant, said);
            assertTrue(meant.getMessage().contains(said));
        }
    }

    @Test
    @DisplayName("a force must fail for ever once it has failed")
    void failedForceIsFinal() throws IOException {
        Path path = directory.resolve("file");
        storage.create(path).close();
        FailingForce channel = new FailingForce();
        try (ChannelFile file = new ChannelFile(path, channel, FileIdentity.of(path), Access.WRITE)) {
            assertThrows(StorageFaultException.class, file::force);
            channel.fails = false;
            StorageFaultException again = assertThrows(StorageFaultException.class, file::force);
            assertTrue(again.getMessage().contains("earlier"), again.getMessage());
            assertEquals(1, channel.forces);
        }
    }

    @Test
    @DisplayName("a lock must keep another process out until it is closed")
    void lockKeepsProcessesOut() throws Exception {
        Path file = directory.resolve("lock");
        StoreLock lock = storage.lock(file);
        assertThrows(InUseException.class, () -> storage.lock(file)); // must not have dropped it for other processes
        assertEquals(1, lockInAnotherProcess(file));
        lock.close();
        assertEquals(0, lockInAnotherProcess(file));
    }

    private static int lockInAnotherProcess(Path file) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        String classes = Path.of(FileStorageTest.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                + File.pathSeparator
                + Path.of(FileStorage.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI());
        Process process = new ProcessBuilder(java.toString(), "-cp", classes, TakeLock.class.getName(), file.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return process.exitValue();
    }

    /** Exits with 0 if it gets the lock and with 1 if somebody else has it. */
    static final class TakeLock {

        public static void main(String[] arguments) {
            try (StoreLock taken = FileStorage.instance().lock(Path.of(arguments[0]))) {
                System.exit(taken == null ? 2 : 0);
            } catch (InUseException refused) {
                System.exit(1);
            }
        }
    }
}
