package dev.quire.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.Storage.Access;
import dev.quire.io.Storage.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every storage must do, whatever is behind it. */
abstract class StorageContract {

    private static final int MIB = 1 << 20;

    /** A storage, the same throughout one test. */
    abstract Storage storage();

    /** An empty directory in it. */
    abstract Path directory();

    private Path path(String name) {
        return directory().resolve(name);
    }

    private StoreFile create(String name) {
        return storage().create(path(name));
    }

    /** A closed file with these bytes. */
    private Path file(String name, byte[] bytes) {
        try (StoreFile file = create(name)) {
            file.write(ByteBuffer.wrap(bytes), 0);
        }
        return path(name);
    }

    private byte[] contents(Path path) {
        try (StoreFile file = storage().open(path, Access.READ)) {
            byte[] bytes = new byte[(int) file.size()];
            assertEquals(bytes.length, file.read(bytes, 0, bytes.length, 0));
            return bytes;
        }
    }

    static byte[] noise(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static void assertError(QuireError expected, Runnable action) {
        assertSame(expected, assertThrows(QuireException.class, action::run).error());
    }

    // ---- names

    @Test
    @DisplayName("a name that nothing has must be of kind NONE")
    void kindNone() {
        assertEquals(Kind.NONE, storage().kind(path("nothing")));
        assertEquals(Kind.NONE, storage().kind(path("nothing").resolve("below")));
        assertEquals(Kind.NONE, storage().kind(file("file", new byte[1]).resolve("below")));
    }

    @Test
    @DisplayName("a file and a directory must be told apart by kind")
    void kinds() {
        create("file").close();
        storage().createDirectory(path("sub"));
        assertEquals(Kind.FILE, storage().kind(path("file")));
        assertEquals(Kind.DIRECTORY, storage().kind(path("sub")));
    }

    @Test
    @DisplayName("a real path must be absolute and plain, also of what is not there")
    void realPaths() {
        Path real = storage().realPath(directory());
        assertTrue(real.isAbsolute());
        create("file").close();
        assertEquals(real.resolve("file"), storage().realPath(path("file")));
        assertEquals(real.resolve("a/b"), storage().realPath(path("x/../a/./b")));
        assertEquals(real.resolve("file/below"), storage().realPath(path("file/below")));
    }

    @Test
    @DisplayName("a created file must be empty")
    void createdIsEmpty() {
        try (StoreFile file = create("file")) {
            assertEquals(0, file.size());
            assertEquals(path("file"), file.path());
        }
    }

    @Test
    @DisplayName("creating over a file or a directory must be refused and leave it alone")
    void createExisting() {
        Path file = file("file", new byte[] {1, 2});
        storage().createDirectory(path("sub"));
        assertError(QuireError.FILE_ALREADY_EXISTS, () -> create("file"));
        assertError(QuireError.FILE_ALREADY_EXISTS, () -> create("sub"));
        assertError(QuireError.FILE_ALREADY_EXISTS, () -> storage().createDirectory(path("file")));
        assertArrayEquals(new byte[] {1, 2}, contents(file));
    }

    @Test
    @DisplayName("creating in a directory that is not there must be refused")
    void createWithoutParent() {
        assertError(QuireError.FILE_NOT_FOUND, () -> create("no/file"));
        assertError(QuireError.FILE_NOT_FOUND, () -> storage().createDirectory(path("no/sub")));
    }

    @Test
    @DisplayName("opening what is not there must be FileNotFound")
    void openMissing() {
        assertError(QuireError.FILE_NOT_FOUND, () -> storage().open(path("no"), Access.READ));
        assertError(QuireError.FILE_NOT_FOUND, () -> storage().open(path("no"), Access.WRITE));
        assertEquals(Kind.NONE, storage().kind(path("no")));
    }

    @Test
    @DisplayName("opening a directory must be FileInvalidType")
    void openDirectory() {
        assertError(QuireError.FILE_INVALID_TYPE, () -> storage().open(directory(), Access.READ));
    }

    @Test
    @DisplayName("a listing must have every name once, sorted")
    void listIsSorted() {
        for (String name : List.of("b", "a", "C", "z10", "z2")) {
            create(name).close();
        }
        storage().createDirectory(path("k"));
        assertEquals(List.of("C", "a", "b", "k", "z10", "z2"), storage().list(directory()));
    }

    @Test
    @DisplayName("listing or forcing what is no directory must be refused")
    void listNoDirectory() {
        Path file = file("file", new byte[1]);
        assertError(QuireError.FILE_INVALID_TYPE, () -> storage().list(file));
        assertError(QuireError.FILE_NOT_FOUND, () -> storage().list(path("no")));
        assertError(QuireError.FILE_INVALID_TYPE, () -> storage().forceDirectory(file));
        assertError(QuireError.FILE_NOT_FOUND, () -> storage().forceDirectory(path("no")));
    }

    @Test
    @DisplayName("a renamed file must be found under its new name alone, in another directory too")
    void renameFile() {
        Path file = file("file", new byte[] {7});
        storage().createDirectory(path("sub"));
        storage().rename(file, path("sub/other"));
        assertEquals(Kind.NONE, storage().kind(file));
        assertArrayEquals(new byte[] {7}, contents(path("sub/other")));
    }

    @Test
    @DisplayName("a renamed directory must take along what is in it")
    void renameDirectory() {
        storage().createDirectory(path("old"));
        file("old/file", new byte[] {7});
        storage().rename(path("old"), path("new"));
        assertArrayEquals(new byte[] {7}, contents(path("new/file")));
        assertEquals(List.of("new"), storage().list(directory()));
    }

    @Test
    @DisplayName("a rename onto a name that is taken must be refused and change neither")
    void renameOntoExisting() {
        Path from = file("from", new byte[] {1});
        Path to = file("to", new byte[] {2});
        storage().createDirectory(path("sub"));
        assertError(QuireError.FILE_ALREADY_EXISTS, () -> storage().rename(from, to));
        assertError(QuireError.FILE_ALREADY_EXISTS, () -> storage().rename(from, path("sub")));
        assertArrayEquals(new byte[] {1}, contents(from));
        assertArrayEquals(new byte[] {2}, contents(to));
    }

    @Test
    @DisplayName("a rename of what is not there must be FileNotFound")
    void renameMissing() {
        assertError(QuireError.FILE_NOT_FOUND, () -> storage().rename(path("no"), path("to")));
    }

    @Test
    @DisplayName("an open file must stay usable in every way when it gets another name")
    void renameWhileOpen() {
        try (StoreFile file = create("from")) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
            storage().rename(path("from"), path("to"));
            assertEquals(path("to"), file.path());
            file.write(ByteBuffer.wrap(new byte[] {9}), 1);
            file.writeThrough(new byte[] {8}, 0, 1, 2);
            byte[] back = new byte[3];
            assertEquals(3, file.read(back, 0, 3, 0));
            assertArrayEquals(new byte[] {1, 9, 8}, back);
        }
        assertArrayEquals(new byte[] {1, 9, 8}, contents(path("to")));
    }

    @Test
    @DisplayName("deleted files and directories must be gone, and their names free")
    void delete() {
        Path file = file("file", new byte[] {1});
        storage().createDirectory(path("sub"));
        storage().delete(file);
        storage().delete(path("sub"));
        assertEquals(List.of(), storage().list(directory()));
        assertArrayEquals(new byte[] {2}, contents(file("file", new byte[] {2})));
    }

    @Test
    @DisplayName("deleting what is not there, or a directory that is not empty, must be refused")
    void deleteRefused() {
        storage().createDirectory(path("sub"));
        file("sub/file", new byte[1]);
        assertError(QuireError.FILE_NOT_FOUND, () -> storage().delete(path("no")));
        assertError(QuireError.FILE_ACCESS_DENIED, () -> storage().delete(path("sub")));
        assertEquals(List.of("file"), storage().list(path("sub")));
    }

    @Test
    @DisplayName("forcing a directory must work on an empty one and on one with changes")
    void forceDirectory() {
        storage().forceDirectory(directory());
        file("file", new byte[1]);
        storage().forceDirectory(directory());
        assertEquals(List.of("file"), storage().list(directory()));
    }

    // ---- bytes

    @Test
    @DisplayName("what was written must be read, by either family of methods")
    void writeAndRead() {
        byte[] bytes = noise(10_000, 1);
        try (StoreFile file = create("file")) {
            ByteBuffer source =
                    ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
            file.write(source, 5);
            assertEquals(0, source.remaining());
            file.writeThrough(bytes, 100, 50, 20_000);
            assertEquals(20_050, file.size());

            byte[] array = new byte[bytes.length];
            assertEquals(bytes.length, file.read(array, 0, array.length, 5));
            assertArrayEquals(bytes, array);
            ByteBuffer buffer = ByteBuffer.allocate(60).position(10);
            assertEquals(50, file.read(buffer, 20_000));
            assertEquals(ByteBuffer.wrap(bytes, 100, 50), buffer.flip().position(10));
        }
    }

    @Test
    @DisplayName("what was written direct must be read like anything else, under the file's next name too")
    void writeDirect() {
        ByteBuffer source = direct(2 * StoreFile.DIRECT_UNIT_BYTES);
        for (int i = 0; i < source.capacity(); i++) {
            source.put(i, (byte) (i * 31 >>> 3));
        }
        Path file = path("a");
        try (StoreFile written = create("a")) {
            written.write(ByteBuffer.wrap(new byte[3 * StoreFile.DIRECT_UNIT_BYTES]), 0);
            storage().rename(file, path("b"));
            boolean done = written.writeDirect(source, StoreFile.DIRECT_UNIT_BYTES);
            assertEquals(done ? 0 : source.capacity(), source.remaining());
            byte[] found = new byte[3 * StoreFile.DIRECT_UNIT_BYTES];
            written.read(found, 0, found.length, 0);
            for (int i = 0; i < found.length; i++) {
                int from = i - StoreFile.DIRECT_UNIT_BYTES;
                assertEquals(done && from >= 0 ? source.get(from) : 0, found[i], "at " + i);
            }
        }
    }

    @Test
    @DisplayName("what cannot be written direct must be left alone")
    void writeDirectMisaligned() {
        int unit = StoreFile.DIRECT_UNIT_BYTES;
        try (StoreFile file = create("a")) {
            for (ByteBuffer source : List.of(
                    ByteBuffer.allocate(unit),
                    direct(2 * unit).limit(unit + 512),
                    direct(2 * unit).position(512).limit(unit + 512))) {
                int length = source.remaining();
                assertFalse(file.writeDirect(source, 0));
                assertEquals(length, source.remaining());
            }
            assertFalse(file.writeDirect(direct(unit), 512));
            assertEquals(0, file.size());
        }
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes + StoreFile.DIRECT_UNIT_BYTES)
                .alignedSlice(StoreFile.DIRECT_UNIT_BYTES)
                .limit(bytes)
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    @DisplayName("an overwrite must change its range and nothing else")
    void overwrite() {
        byte[] bytes = noise(9000, 2);
        Path path = file("file", bytes);
        try (StoreFile file = storage().open(path, Access.WRITE)) {
            file.write(ByteBuffer.wrap(noise(100, 3)), 4050);
        }
        System.arraycopy(noise(100, 3), 0, bytes, 4050, 100);
        assertArrayEquals(bytes, contents(path));
    }

    @Test
    @DisplayName("a gap between the end and a write must read as zeros")
    void gapIsZero() {
        try (StoreFile file = create("file")) {
            file.write(ByteBuffer.wrap(new byte[] {1}), 0);
            file.write(ByteBuffer.wrap(new byte[] {1}), 5000);
        }
        byte[] expected = new byte[5001];
        expected[0] = 1;
        expected[5000] = 1;
        assertArrayEquals(expected, contents(path("file")));
    }

    @Test
    @DisplayName("a read at the end must be short, behind the end empty")
    void shortRead() {
        Path path = file("file", noise(100, 4));
        try (StoreFile file = storage().open(path, Access.READ)) {
            assertEquals(10, file.read(new byte[20], 0, 20, 90));
            assertEquals(0, file.read(new byte[20], 0, 20, 100));
            assertEquals(0, file.read(new byte[20], 0, 20, 5000));
            ByteBuffer buffer = ByteBuffer.allocate(20);
            assertEquals(10, file.read(buffer, 90));
            assertEquals(10, buffer.position());
            assertEquals(0, file.read(buffer, 100));
        }
    }

    @Test
    @DisplayName("a range outside of its array must be refused before anything is done")
    void arrayRangeIsChecked() {
        try (StoreFile file = create("file")) {
            assertThrows(IndexOutOfBoundsException.class, () -> file.read(new byte[4], 2, 3, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> file.writeThrough(new byte[4], -1, 3, 0));
            assertEquals(0, file.size());
        }
    }

    @Test
    @DisplayName("allocated space must be zeros, also over old bytes, and nothing beside it change")
    void allocateZeros() {
        int to = StoreFile.WRITE_PIECE_BYTES * 2 + 77;
        Path path = file("file", noise(8000, 5));
        try (StoreFile file = storage().open(path, Access.WRITE)) {
            file.allocate(3000, to);
            assertEquals(to, file.size());
            file.allocate(100, 100);
        }
        byte[] expected = Arrays.copyOf(noise(8000, 5), to);
        Arrays.fill(expected, 3000, 8000, (byte) 0);
        assertArrayEquals(expected, contents(path));
    }

    @Test
    @DisplayName("allocation with ends that are out of order must be refused")
    void allocateChecksItsArguments() {
        try (StoreFile file = create("file")) {
            assertThrows(IllegalArgumentException.class, () -> file.allocate(10, 9));
            assertThrows(IllegalArgumentException.class, () -> file.allocate(-1, 9));
        }
    }

    @Test
    @DisplayName("force must work on new, grown and unchanged files, and after closing another handle")
    void force() {
        try (StoreFile file = create("file")) {
            file.force();
            file.write(ByteBuffer.wrap(noise(5000, 6)), 0);
            storage().open(path("file"), Access.READ).close();
            file.force();
            file.force();
        }
        assertArrayEquals(noise(5000, 6), contents(path("file")));
    }

    @Test
    @DisplayName("a file opened for reading must not be written")
    void readOnlyFile() {
        Path path = file("file", new byte[] {1});
        try (StoreFile file = storage().open(path, Access.READ)) {
            assertThrows(IllegalStateException.class, () -> file.write(ByteBuffer.wrap(new byte[1]), 0));
            assertThrows(IllegalStateException.class, () -> file.writeDirect(direct(StoreFile.DIRECT_UNIT_BYTES), 0));
            assertThrows(IllegalStateException.class, () -> file.writeThrough(new byte[1], 0, 1, 0));
            assertThrows(IllegalStateException.class, () -> file.allocate(0, 9));
        }
        assertArrayEquals(new byte[] {1}, contents(path));
    }

    @Test
    @DisplayName("two handles of one file must see each other's writes at once")
    void twoHandles() {
        try (StoreFile writer = create("file");
                StoreFile reader = storage().open(path("file"), Access.READ)) {
            writer.write(ByteBuffer.wrap(new byte[] {3}), 10);
            assertEquals(11, reader.size());
            byte[] one = new byte[1];
            assertEquals(1, reader.read(one, 0, 1, 10));
            assertEquals(3, one[0]);
        }
    }

    @Test
    @DisplayName("a closed file must refuse everything; closing again must do nothing")
    void closedFile() {
        StoreFile file = create("file");
        file.read(new byte[1], 0, 1, 0);
        file.close();
        file.close();
        assertThrows(IllegalStateException.class, () -> file.read(new byte[1], 0, 1, 0));
        assertThrows(IllegalStateException.class, () -> file.read(ByteBuffer.allocate(1), 0));
        assertThrows(IllegalStateException.class, () -> file.write(ByteBuffer.allocate(1), 0));
        assertThrows(IllegalStateException.class, () -> file.writeDirect(direct(StoreFile.DIRECT_UNIT_BYTES), 0));
        assertThrows(IllegalStateException.class, () -> file.writeThrough(new byte[1], 0, 1, 0));
        assertThrows(IllegalStateException.class, file::force);
        assertThrows(IllegalStateException.class, file::size);
    }

    @Test
    @DisplayName("many threads that read and write places of their own must not disturb one another")
    void manyThreads() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(12);
        try (StoreFile file = create("file")) {
            List<Future<?>> running = new ArrayList<>();
            for (int t = 0; t < 12; t++) {
                int slot = t;
                running.add(threads.submit(() -> exercise(file, slot)));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            threads.shutdown();
        }
    }

    private static void exercise(StoreFile file, int slot) {
        byte[] back = new byte[700];
        for (int i = 0; i < 100; i++) {
            byte[] bytes = noise(700, slot * 1000L + i);
            if (i % 10 == 0) {
                file.writeThrough(bytes, 0, 700, slot * 700L);
            } else {
                file.write(ByteBuffer.wrap(bytes), slot * 700L);
            }
            assertEquals(700, file.read(back, 0, 700, slot * 700L));
            assertArrayEquals(bytes, back);
        }
    }

    // ---- transfer

    @Test
    @DisplayName("transfers to one target must each land at their own position, in whatever order")
    void transferAtPositions() {
        byte[] bytes = noise(3 * MIB, 7);
        Path source = file("source", bytes);
        try (StoreFile from = storage().open(source, Access.READ);
                StoreFile to = create("target")) {
            from.transferTo(2 * MIB, MIB, to, 5 + 2 * MIB);
            from.transferTo(0, MIB, to, 5);
            from.transferTo(MIB, MIB, to, 5 + MIB);
            from.transferTo(0, 0, to, 17);
        }
        byte[] target = contents(path("target"));
        assertEquals(5 + 3 * MIB, target.length);
        assertArrayEquals(bytes, Arrays.copyOfRange(target, 5, target.length));
    }

    @Test
    @DisplayName("transfers to one target from several threads must not mix up their positions")
    void concurrentTransfers() throws Exception {
        byte[] bytes = noise(2 * MIB, 8);
        Path source = file("source", bytes);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (StoreFile from = storage().open(source, Access.READ);
                StoreFile to = create("target")) {
            List<Future<?>> running = new ArrayList<>();
            for (int at = 0; at < 2 * MIB; at += 128 * 1024) {
                long position = at;
                running.add(threads.submit(() -> from.transferTo(position, 128 * 1024, to, position)));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            threads.shutdown();
        }
        assertArrayEquals(bytes, contents(path("target")));
    }

    @Test
    @DisplayName("a transfer must leave the rest of a longer target alone")
    void transferIntoTheMiddle() {
        Path source = file("source", noise(500, 9));
        Path target = file("target", noise(2000, 10));
        try (StoreFile from = storage().open(source, Access.READ);
                StoreFile to = storage().open(target, Access.WRITE)) {
            from.transferTo(100, 300, to, 1000);
        }
        byte[] expected = noise(2000, 10);
        System.arraycopy(noise(500, 9), 100, expected, 1000, 300);
        assertArrayEquals(expected, contents(target));
    }

    @Test
    @DisplayName("a transfer of more than the file has must be a fault")
    void transferPastTheEnd() {
        Path source = file("source", noise(500, 9));
        try (StoreFile from = storage().open(source, Access.READ);
                StoreFile to = create("target")) {
            assertThrows(StorageFaultException.class, () -> from.transferTo(400, 101, to, 0));
            assertThrows(StorageFaultException.class, () -> from.transferTo(900, 1, to, 0));
        }
    }

    @Test
    @DisplayName("a transfer to a file opened for reading must be refused")
    void transferToReadOnly() {
        Path source = file("source", noise(500, 9));
        Path target = file("target", noise(500, 10));
        try (StoreFile from = storage().open(source, Access.READ);
                StoreFile to = storage().open(target, Access.READ)) {
            assertThrows(IllegalStateException.class, () -> from.transferTo(0, 500, to, 0));
        }
        assertArrayEquals(noise(500, 10), contents(target));
    }

    // ---- maps

    @Test
    @DisplayName("a map must show the bytes at its position, read-only, little-endian, of its length")
    void mapShowsBytes() {
        Path path = file("file", noise(10_000, 11));
        try (StoreFile file = storage().open(path, Access.READ)) {
            ByteBuffer map = file.map(4096, 5000);
            assertEquals(ByteBuffer.wrap(noise(10_000, 11), 4096, 5000), map);
            assertTrue(map.isReadOnly());
            assertEquals(ByteOrder.LITTLE_ENDIAN, map.order());
            assertEquals(5000, map.capacity());
        }
    }

    @Test
    @DisplayName("a map must show later writes of every kind, and outlive its file")
    void mapIsCoherent() {
        Path path = file("file", noise(10_000, 12));
        StoreFile reader = storage().open(path, Access.READ);
        ByteBuffer map = reader.map(0, 10_000);
        reader.close();
        try (StoreFile writer = storage().open(path, Access.WRITE)) {
            writer.write(ByteBuffer.wrap(new byte[] {42}), 5000);
            assertEquals(42, map.get(5000));
            writer.writeThrough(new byte[] {43}, 0, 1, 9999);
            assertEquals(43, map.get(9999));
            writer.allocate(0, 4);
            assertEquals(0, map.getInt(0));
            writer.write(ByteBuffer.wrap(noise(8000, 13)), 9000);
            assertEquals(noise(8000, 13)[0], map.get(9000));
        }
    }

    @Test
    @DisplayName("a map past the end of the file must be refused and not extend it")
    void mapPastTheEnd() {
        Path path = file("file", noise(1000, 14));
        try (StoreFile file = storage().open(path, Access.READ)) {
            assertThrows(IllegalArgumentException.class, () -> file.map(0, 1001));
            assertThrows(IllegalArgumentException.class, () -> file.map(-1, 10));
            assertEquals(1000, file.size());
        }
    }

    @Test
    @DisplayName("a map over a file opened for writing must be refused")
    void mapOfWritableFile() {
        try (StoreFile file = create("file")) {
            file.allocate(0, 4096);
            assertThrows(IllegalStateException.class, () -> file.map(0, 4096));
        }
    }

    // ---- interrupts

    @Test
    @DisplayName("an interrupted thread must be able to read, write through, map and lock, and stay interrupted")
    void interruptLeavesFileOpen() {
        Path path = file("file", noise(1000, 15));
        try (StoreFile file = storage().open(path, Access.WRITE);
                StoreFile reader = storage().open(path, Access.READ)) {
            Thread.currentThread().interrupt();
            byte[] back = new byte[1000];
            assertEquals(1000, file.read(back, 0, 1000, 0));
            file.writeThrough(new byte[] {1}, 0, 1, 0);
            assertEquals(1000, file.size());
            assertEquals(1, reader.map(0, 1000).get(0));
            storage().forceDirectory(directory());
            storage().lock(path("lock")).close();
            assertTrue(Thread.interrupted());
            file.write(ByteBuffer.wrap(new byte[] {2}), 0);
            file.force();
            assertEquals(2, contents(path)[0]);
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    @DisplayName("an interrupt under a channel method must be a fault that says so; array methods must go on")
    void interruptClosesChannel() {
        Path path = file("file", noise(1000, 16));
        try (StoreFile file = storage().open(path, Access.WRITE)) {
            Thread.currentThread().interrupt();
            StorageFaultException fault =
                    assertThrows(StorageFaultException.class, () -> file.read(ByteBuffer.allocate(10), 0));
            assertTrue(fault.getMessage().contains("interrupt"), fault.getMessage());
            assertTrue(Thread.interrupted());
            assertThrows(StorageFaultException.class, file::force);
            assertEquals(10, file.read(new byte[10], 0, 10, 0));
        } finally {
            Thread.interrupted();
        }
    }

    // ---- locks

    @Test
    @DisplayName("a lock that is held must be refused to the next, and the first must survive that")
    void lockTwice() {
        StoreLock first = storage().lock(path("lock"));
        assertError(QuireError.SYSTEM_PATH_IN_USE, () -> storage().lock(path("lock")));
        assertThrows(InUseException.class, () -> storage().lock(path("lock")));
        first.close();
        storage().lock(path("lock")).close();
    }

    @Test
    @DisplayName("asking whether a lock is held must neither make its file, nor take it, nor free it")
    void lockIsHeld() {
        assertFalse(storage().isLocked(path("lock")));
        assertEquals(Kind.NONE, storage().kind(path("lock")));
        StoreLock first = storage().lock(path("lock"));
        assertTrue(storage().isLocked(path("lock")));
        assertError(QuireError.SYSTEM_PATH_IN_USE, () -> storage().lock(path("lock")));
        first.close();
        assertFalse(storage().isLocked(path("lock")));
        assertFalse(storage().isLocked(directory()));
        storage().lock(path("lock")).close();
        try (StoreFile file = storage().create(path("notes"))) {
            file.write(ByteBuffer.allocateDirect(1), 0);
        }
        assertFalse(storage().isLocked(path("notes")));
    }

    @Test
    @DisplayName("closing a lock twice must not free somebody else's")
    void unlockTwice() {
        StoreLock first = storage().lock(path("lock"));
        first.close();
        StoreLock second = storage().lock(path("lock"));
        first.close();
        assertThrows(InUseException.class, () -> storage().lock(path("lock")));
        second.close();
    }

    @Test
    @DisplayName("a lock must create its file when it is missing and take it when it is there")
    void lockCreates() {
        storage().lock(path("lock")).close();
        assertEquals(Kind.FILE, storage().kind(path("lock")));
        assertDoesNotThrow(() -> storage().lock(path("lock")).close());
        assertError(QuireError.FILE_INVALID_TYPE, () -> storage().lock(directory()));
    }

    @Test
    @DisplayName("a file that holds something must not be taken for a lock, since who has a lock may delete it")
    void lockNotEmpty() {
        try (StoreFile file = storage().create(path("notes"))) {
            file.write(ByteBuffer.allocateDirect(1), 0);
        }
        assertError(QuireError.FILE_INVALID_TYPE, () -> storage().lock(path("notes")));
        assertError(QuireError.FILE_INVALID_TYPE, () -> storage().lock(path("notes")));
        storage().delete(path("notes"));
        storage().lock(path("notes")).close();
    }

    @Test
    @DisplayName("a lock file that its holder deleted must leave nothing behind and be no way past the next holder")
    void lockDeleted() {
        StoreLock first = storage().lock(path("lock"));
        storage().delete(path("lock"));
        StoreLock second = storage().lock(path("lock"));
        first.close();
        assertThrows(InUseException.class, () -> storage().lock(path("lock")));
        storage().delete(path("lock"));
        second.close();
        assertEquals(List.of(), storage().list(directory()));
    }

    @Test
    @DisplayName("of many threads that want a lock exactly one must get it")
    void lockRace() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<StoreLock>> wanted = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            wanted.add(threads.submit(() -> {
                start.await();
                try {
                    return storage().lock(path("lock"));
                } catch (InUseException refused) {
                    return null;
                }
            }));
        }
        start.countDown();
        int taken = 0;
        for (Future<StoreLock> each : wanted) {
            taken += each.get() == null ? 0 : 1;
        }
        threads.shutdown();
        assertEquals(1, taken);
        for (Future<StoreLock> each : wanted) {
            if (each.get() != null) {
                each.get().close();
            }
        }
    }

    @Test
    @DisplayName("usable space must be positive, also asked for a name that is not there yet")
    void usableBytes() {
        assertTrue(storage().usableBytes(directory()) > 0);
        assertTrue(storage().usableBytes(path("no/such/name")) > 0);
    }

    @Test
    @DisplayName("an ordinary directory must be no mount point, and nothing else can be asked")
    void mountPoints() {
        storage().createDirectory(path("below"));
        assertFalse(storage().isMountPoint(path("below")));
        assertError(QuireError.FILE_NOT_FOUND, () -> storage().isMountPoint(path("none")));
        create("file").close();
        assertError(QuireError.FILE_INVALID_TYPE, () -> storage().isMountPoint(path("file")));
    }
}
