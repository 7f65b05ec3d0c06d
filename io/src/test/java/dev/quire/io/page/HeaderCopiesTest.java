package dev.quire.io.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CorruptionException;
import dev.quire.io.FileStorage;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderCopiesTest {

    private static final int PAGE_SIZE = 8192;

    private final Storage storage = FileStorage.instance();
    private final List<CorruptionException> damaged = new ArrayList<>();
    private Path path;
    private DatabaseHeader header;

    @BeforeEach
    void database(@TempDir Path directory) {
        path = directory.resolve("a.qdb");
        create(PAGE_SIZE);
    }

    private void create(int pageSize) {
        DatabaseHeader first = DatabaseHeader.create(pageSize, 0xABCDEF0123456789L, 1);
        try (PageFile file = PageFile.create(storage, path, first.withDbtimeBound(5), 4)) {
            header = file.header();
        }
    }

    private DatabaseHeader read() {
        damaged.clear();
        return DatabaseHeader.read(storage, path, damaged::add);
    }

    private QuireException refused() {
        return assertThrows(QuireException.class, this::read);
    }

    @Test
    void bothCopiesGoodMustReadWithoutComplaint() {
        assertEquals(header, read());
        assertTrue(damaged.isEmpty());
    }

    @Test
    void anyChangedByteOfOneCopyMustLeaveTheOther() {
        for (int i = 0; i < 2 * PAGE_SIZE; i++) {
            Sealed.flip(storage, path, i, 1 << (i & 7));
            assertEquals(header, read(), "byte " + i);
            assertEquals(1, damaged.size(), "byte " + i);
            assertEquals(i < PAGE_SIZE ? 1 : 0, read().source());
            Sealed.flip(storage, path, i, 1 << (i & 7));
        }
        assertEquals(header, read());
        assertTrue(damaged.isEmpty());
    }

    @Test
    void theSameByteChangedInBothCopiesMustBeReported() {
        for (int i = 0; i < PAGE_SIZE; i += i < 512 ? 1 : 61) {
            Sealed.flip(storage, path, i, 0x10);
            Sealed.flip(storage, path, PAGE_SIZE + i, 0x10);
            assertEquals(QuireError.DATABASE_CORRUPTED, refused().error(), "byte " + i);
            Sealed.flip(storage, path, i, 0x10);
            Sealed.flip(storage, path, PAGE_SIZE + i, 0x10);
        }
    }

    @Test
    void aTornWriteOfEitherCopyMustLeaveTheOldOrTheNewHeader() {
        DatabaseHeader next = header.withState(DatabaseHeader.State.DIRTY)
                .withCommittedUpTo(99)
                .follows(header);
        for (int number = 0; number <= 1; number++) {
            ByteBuffer before = DatabaseHeaderTest.encoded(header, number);
            ByteBuffer after = DatabaseHeaderTest.encoded(next, number);
            for (int torn = 512; torn < PAGE_SIZE; torn += 512) {
                Sealed.put(storage, path, number * PAGE_SIZE, after.slice(0, torn));
                assertOneOf(next);
                Sealed.put(storage, path, number * PAGE_SIZE, before.duplicate());
                Sealed.put(storage, path, number * PAGE_SIZE + torn, after.slice(torn, PAGE_SIZE - torn));
                assertOneOf(next);
                Sealed.put(storage, path, number * PAGE_SIZE, before.duplicate());
            }
        }
        assertEquals(header, read());
    }

    private void assertOneOf(DatabaseHeader next) {
        DatabaseHeader found = read();
        assertTrue(found.equals(header) || found.equals(next), () -> "found " + found);
    }

    @Test
    void theNewerOfTwoGoodCopiesMustWin() {
        DatabaseHeader next = header.withCommittedUpTo(99).follows(header);
        for (int number = 0; number <= 1; number++) {
            Sealed.put(storage, path, number * PAGE_SIZE, DatabaseHeaderTest.encoded(next, number));
            assertEquals(next, read());
            assertTrue(damaged.isEmpty());
            Sealed.put(storage, path, number * PAGE_SIZE, DatabaseHeaderTest.encoded(header, number));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 8192, 16384, 32768, 65536})
    void theShadowMustBeFoundWithoutTheHeader(int pageSize) {
        storage.delete(path);
        create(pageSize);
        byte[] junk = new byte[pageSize];
        new Random(pageSize).nextBytes(junk);
        Sealed.put(storage, path, 0, ByteBuffer.wrap(junk));
        assertEquals(header, read());
        assertEquals(1, damaged.size());
        Sealed.put(storage, path, 0, ByteBuffer.allocate(pageSize));
        assertEquals(header, read());
        Sealed.put(storage, path, pageSize, ByteBuffer.allocate(pageSize));
        assertEquals(QuireError.DATABASE_CORRUPTED, refused().error());
    }

    @Test
    void aShadowThatDoesNotStandBehindItsFirstPageMustNotBeBelieved() {
        DatabaseHeader larger = DatabaseHeader.create(2 * PAGE_SIZE, 4711, 1);
        Sealed.put(storage, path, 0, ByteBuffer.allocate(PAGE_SIZE));
        Sealed.put(storage, path, PAGE_SIZE, DatabaseHeaderTest.encoded(larger, 1));
        assertEquals(QuireError.DATABASE_CORRUPTED, refused().error());
    }

    @Test
    void copiesOfTwoDatabasesMustBeReported() {
        DatabaseHeader other = DatabaseHeader.create(PAGE_SIZE, 4711, 1).withPageCount(4);
        Sealed.put(storage, path, PAGE_SIZE, DatabaseHeaderTest.encoded(other, 1));
        QuireException fault = refused();
        assertEquals(QuireError.DATABASE_CORRUPTED, fault.error());
        assertTrue(fault.getMessage().contains(String.format("%016x", 4711)), fault.getMessage());
    }

    @Test
    void swappedCopiesMustBeReported() {
        Sealed.put(storage, path, 0, DatabaseHeaderTest.encoded(header, 1));
        Sealed.put(storage, path, PAGE_SIZE, DatabaseHeaderTest.encoded(header, 0));
        assertEquals(QuireError.DATABASE_CORRUPTED, refused().error());
    }

    @Test
    void aFileCutOffMustBeReported() {
        Path cut = path.resolveSibling("cut.qdb");
        byte[] all = Sealed.bytes(storage, path);
        for (int length : new int[] {0, 1, 4095, 4096, 8191, 8192, 3 * PAGE_SIZE, 4 * PAGE_SIZE - 1}) {
            write(cut, all, length);
            QuireException fault = assertThrows(QuireException.class, () -> DatabaseHeader.read(storage, cut));
            assertTrue(fault instanceof CorruptionException, "length " + length);
            assertEquals(QuireError.DATABASE_CORRUPTED, fault.error(), "length " + length);
            assertEquals(cut, fault.file().orElseThrow());
            storage.delete(cut);
        }
    }

    @Test
    void whatIsNoDatabaseMustBeReported() {
        Path foreign = path.resolveSibling("foreign");
        Random random = new Random(5);
        for (int length : new int[] {100, 4096, 10_000, 65_536, 1 << 20}) {
            byte[] junk = new byte[length];
            random.nextBytes(junk);
            write(foreign, junk, length);
            QuireException fault = assertThrows(QuireException.class, () -> DatabaseHeader.read(storage, foreign));
            assertEquals(QuireError.DATABASE_CORRUPTED, fault.error());
            assertTrue(fault.getMessage().contains("not a database"), fault.getMessage());
            storage.delete(foreign);
        }
        assertThrows(NotFoundException.class, () -> DatabaseHeader.read(storage, foreign));
    }

    @Test
    void aNewerFormatMustBeRefusedAsSuch() {
        DatabaseHeader newer = header.with(DatabaseHeaderLayout.FORMAT_OFFSET, 2);
        Sealed.put(storage, path, 0, DatabaseHeaderTest.encoded(newer, 0));
        assertEquals(QuireError.INVALID_DATABASE_VERSION, refused().error());
        Sealed.put(storage, path, PAGE_SIZE, DatabaseHeaderTest.encoded(newer, 1));
        assertEquals(QuireError.INVALID_DATABASE_VERSION, refused().error());
        Sealed.put(storage, path, 0, ByteBuffer.allocate(PAGE_SIZE));
        QuireException fault = refused();
        assertEquals(QuireError.INVALID_DATABASE_VERSION, fault.error());
        assertFalse(fault instanceof CorruptionException);
    }

    @Test
    void theCopyBelievedMustBeOverwrittenLast() {
        for (int bad = 0; bad <= 1; bad++) {
            Sealed.flip(storage, path, bad * PAGE_SIZE + 100, 1);
            List<String> order = new ArrayList<>();
            DatabaseHeader next = read().withDatabaseId(7).follows(read());
            try (StoreFile file = storage.open(path, Storage.Access.WRITE)) {
                next.writeTo(new WriteOrder(file, order));
            }
            String first = "write " + bad * PAGE_SIZE;
            String second = "write " + (1 - bad) * PAGE_SIZE;
            assertEquals(List.of(second, "force", first, "force", second, "force"), order);
            assertEquals(next, read());
            assertTrue(damaged.isEmpty());
            header = next;
        }
    }

    @Test
    void aFileThatIsBeingMadeMustGetBothCopiesAndNoForce() {
        List<String> order = new ArrayList<>();
        Path made = path.resolveSibling("made.qdb");
        try (StoreFile file = storage.create(made)) {
            file.allocate(2 * PAGE_SIZE, 3 * PAGE_SIZE);
            header.withPageCount(2).putInto(new WriteOrder(file, order));
        }
        assertEquals(List.of("write 0", "write " + PAGE_SIZE), order);
        for (int bad = 0; bad <= 1; bad++) {
            Sealed.flip(storage, made, bad * PAGE_SIZE + 100, 1);
            DatabaseHeader left = DatabaseHeader.read(storage, made);
            assertEquals(header.signature(), left.signature());
            Sealed.flip(storage, made, bad * PAGE_SIZE + 100, 1);
        }
    }

    private void write(Path file, byte[] bytes, int length) {
        try (StoreFile created = storage.create(file)) {
            created.write(ByteBuffer.wrap(bytes, 0, length), 0);
        }
    }
}
