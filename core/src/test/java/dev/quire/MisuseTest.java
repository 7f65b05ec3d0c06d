package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.InUseException;
import dev.quire.io.MutableBytesView;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.UnavailableException;
import dev.quire.io.sim.Fault;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked for wrongly must be refused by name, and leave everything as it was. */
class MisuseTest {

    private final SimDisk disk = SimInstances.disk();
    private Instance instance;
    private Database database;

    @BeforeEach
    void open() {
        instance = SimInstances.open(disk, 1);
        database = instance.createDatabase("db");
    }

    @AfterEach
    void halt() {
        instance.halt();
    }

    private static void refused(QuireError error, Executable task) {
        assertEquals(error, assertThrows(QuireException.class, task).error());
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aSecondWriteTransactionOfAThreadMustBeRefusedForItWouldWaitForItself() {
        try (WriteTransaction tx = instance.beginWrite()) {
            assertThrows(IllegalStateException.class, instance::beginWrite);
            tx.createTable(database, "t");
            tx.commit();
        }
        instance.beginWrite().abort();
    }

    @Test
    void oneDirectoryMustNotHaveTwoInstances() {
        assertThrows(InUseException.class, () -> SimInstances.open(disk, 2));
        instance.close();
        instance = SimInstances.open(disk, 3);
        assertTrue(instance.recovery().clean());
    }

    @Test
    void aDirectoryWithSomebodyElsesLogsMustBeRefusedAndLeftAlone() {
        SimDisk theirs = new SimDisk(SimInstances.HERE, SimInstances.HERE.resolve("log"));
        Path log = SimInstances.HERE.resolve("log/today.txt");
        theirs.plant(log, new byte[] {1, 2});
        refused(QuireError.INVALID_PATH, () -> SimInstances.open(theirs, 1));
        assertEquals(2, theirs.contents(log).length);
    }

    @Test
    void aFileWhoseForceFailedMustNotBeAttachedByAskingAgain() {
        instance.detach("db");
        disk.rename(SimInstances.HERE.resolve("db.qdb"), SimInstances.HERE.resolve("moved.qdb"));
        disk.failAt(disk.operationCount() + 1, Fault.FAILED_FORCE, false);
        refused(QuireError.DISK_IO, () -> instance.attach("moved"));
        assertEquals(1, disk.faultsHit());
        assertThrows(UnavailableException.class, () -> instance.attach("moved"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "../x",
                "/x",
                "a/b",
                "a\\b",
                "a\0b",
                "nul",
                "CON",
                "com1",
                "LPT9.x",
                "a.",
                "-a",
                ".hidden",
                "quire",
                "C:x",
                "ä",
                "a b",
                "a\n",
                "0123456789012345678901234567890123456789012345678901234567890123456"
            })
    void aNameThatIsAPathOrADeviceMustBeRefused(String name) {
        List<String> before = disk.list(SimInstances.HERE);
        refused(QuireError.DATABASE_INVALID_NAME, () -> instance.createDatabase(name));
        refused(QuireError.DATABASE_INVALID_NAME, () -> instance.openOrCreate(name));
        refused(QuireError.DATABASE_INVALID_NAME, () -> instance.attach(name));
        refused(QuireError.DATABASE_NOT_FOUND, () -> instance.drop(name));
        assertEquals(before, disk.list(SimInstances.HERE));
    }

    @Test
    void databasesThatAreThereOrNotMustBeToldApart() {
        refused(QuireError.DATABASE_DUPLICATE, () -> instance.createDatabase("db"));
        refused(QuireError.DATABASE_NOT_FOUND, () -> instance.database("no"));
        refused(QuireError.FILE_NOT_FOUND, () -> instance.attach("no"));
        refused(QuireError.DATABASE_DUPLICATE, () -> instance.attach("db"));
        assertThrows(IllegalArgumentException.class, () -> instance.createDatabase("odd", 5000));
        instance.detach("db");
        refused(QuireError.DATABASE_DUPLICATE, () -> instance.createDatabase("db"));
        assertEquals("db", instance.attach("db").name());
    }

    @Test
    void moreDatabasesThanThereMayBeMustBeRefused() {
        for (int i = 1; i < 128; i++) {
            instance.createDatabase("db" + i);
        }
        refused(QuireError.TOO_MANY_ATTACHED_DATABASES, () -> instance.createDatabase("one-too-many"));
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.createTable(instance.database("db127"), "t").put(new byte[] {1}, new byte[] {2});
            tx.commit();
        }
        instance.engine().log().roll();
        instance.halt();
        instance = SimInstances.open(disk, 2);
        assertEquals(128, instance.databases().size());
        assertTrue(instance.check().isSound());
    }

    @Test
    void aDatabaseInUseMustNotGoAway() {
        try (ReadTransaction tx = instance.beginRead()) {
            assertTrue(tx.isOpen());
            refused(QuireError.DATABASE_IN_USE, () -> instance.drop("db"));
            refused(QuireError.DATABASE_IN_USE, () -> instance.detach("db"));
            refused(QuireError.TOO_MANY_ACTIVE_USERS, instance::close);
        }
        instance.drop("db");
        try (ReadTransaction tx = instance.beginRead()) {
            assertThrows(IllegalStateException.class, () -> tx.table(database, "t"));
        }
    }

    @Test
    void aDatabaseThatIsAttachedMustNotBeAttachedAgainUnderAnotherName() {
        instance.detach("db");
        disk.plant(SimInstances.HERE.resolve("copy.qdb"), disk.contents(SimInstances.HERE.resolve("db.qdb")));
        instance.attach("db");
        refused(QuireError.DATABASE_SIGN_IN_USE, () -> instance.attach("copy"));
    }

    @Test
    void aDatabaseThatWasNotDetachedMustNotBeAttached() {
        byte[] running = disk.contents(SimInstances.HERE.resolve("db.qdb"));
        instance.drop("db");
        disk.plant(SimInstances.HERE.resolve("db.qdb"), running);
        refused(QuireError.DATABASE_DIRTY_SHUTDOWN, () -> instance.attach("db"));
    }

    @Test
    void foreignBytesMustNotBeAttached() {
        for (int length : new int[] {0, 1, 4096, 100_000}) {
            disk.plant(SimInstances.HERE.resolve("foreign.qdb"), StateModel.noise(1, length));
            refused(QuireError.DATABASE_CORRUPTED, () -> instance.attach("foreign"));
        }
        refused(QuireError.DATABASE_CORRUPTED, () -> instance.createDatabase("foreign"));
        disk.createDirectory(SimInstances.HERE.resolve("directory.qdb"));
        assertThrows(QuireException.class, () -> instance.attach("directory"));
    }

    @Test
    void aKeyThatNoTableTakesMustBeRefused() {
        try (WriteTransaction tx = instance.beginWrite()) {
            WritableTable table = tx.createTable(database, "t");
            int max = table.keyBytesMax();
            assertTrue(table.put(new byte[max], new byte[0]));
            refused(QuireError.KEY_TOO_BIG, () -> table.put(new byte[max + 1], new byte[0]));
            refused(QuireError.KEY_TOO_BIG, () -> table.get(new byte[max + 1]));
            assertThrows(RuntimeException.class, () -> table.put(new byte[0], new byte[1]));
            assertNull(table.get(new byte[] {1}));
            tx.commit();
        }
        try (ReadTransaction tx = instance.beginRead()) {
            assertEquals(
                    0,
                    tx.table(database, "t").get(new byte[tx.table(database, "t").keyBytesMax()]).length);
        }
    }

    @Test
    void tablesThatAreThereOrNotMustBeToldApart() {
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.createTable(database, "t");
            refused(QuireError.OBJECT_DUPLICATE, () -> tx.createTable(database, "t"));
            refused(QuireError.OBJECT_NOT_FOUND, () -> tx.table(database, "no"));
            refused(QuireError.OBJECT_NOT_FOUND, () -> tx.dropTable(database, "no"));
            refused(QuireError.INVALID_NAME, () -> tx.createTable(database, ""));
            tx.commit();
        }
        try (ReadTransaction tx = instance.beginRead()) {
            assertThrows(NotFoundException.class, () -> tx.table(database, "no"));
            assertEquals(List.of("t"), tx.tables(database));
        }
    }

    @Test
    void aPageThatIsNoRawPageMustBeRefused() {
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.createTable(database, "t").put(new byte[] {1}, new byte[] {2});
            WritableRawPages raw = tx.rawPages(database);
            MutableBytesView view = new MutableBytesView();
            for (long page = 2; page < 6; page++) {
                long each = page;
                assertThrows(RuntimeException.class, () -> raw.modify(each, view), "page " + page);
                assertThrows(RuntimeException.class, () -> raw.free(each), "page " + page);
            }
            for (long page : new long[] {-1, 0, 1, 63, 64, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE}) {
                assertThrows(RuntimeException.class, () -> raw.read(page, view), "page " + page);
                assertThrows(RuntimeException.class, () -> raw.free(page), "page " + page);
            }
            assertThrows(IllegalArgumentException.class, () -> raw.root("", 1));
            assertThrows(IllegalArgumentException.class, () -> raw.root("x".repeat(32), 1));
            raw.root("mine", 7);
            tx.commit();
        }
        try (WriteTransaction tx = instance.beginWrite()) {
            assertEquals(7, tx.rawPages(database).root("mine").getAsLong());
            assertTrue(tx.rawPages(database).removeRoot("mine"));
            assertFalse(tx.rawPages(database).removeRoot("mine"));
        }
        assertTrue(instance.check().isSound());
    }

    @Test
    void anInstanceThatIsClosedOrStoppedMustRefuseTransactions() {
        instance.stop();
        refused(QuireError.CLIENT_REQUEST_TO_STOP_SERVICE, instance::beginRead);
        refused(QuireError.CLIENT_REQUEST_TO_STOP_SERVICE, instance::beginWrite);
        instance.close();
        instance.close();
        assertThrows(UnavailableException.class, instance::beginRead);
        assertThrows(UnavailableException.class, instance::beginWrite);
        assertThrows(UnavailableException.class, instance::checkpoint);
        assertThrows(UnavailableException.class, () -> instance.createDatabase("x"));
        assertThrows(UnavailableException.class, instance::check);
    }

    @Test
    void aDatabaseOfAnotherInstanceMustBeRefused() {
        SimDisk other = SimInstances.disk();
        Instance second = SimInstances.open(other, 5);
        Database foreign = second.createDatabase("db");
        try (WriteTransaction tx = instance.beginWrite()) {
            assertThrows(IllegalArgumentException.class, () -> tx.createTable(foreign, "t"));
        }
        second.halt();
    }

    @Test
    void settingsThatDoNotGoTogetherMustBeRefusedBeforeAnythingIsTouched() {
        SimDisk empty = SimInstances.disk();
        List<InstanceConfig> bad = List.of(
                SimInstances.config(empty, SimInstances.HERE, 1).pageBytes(1000),
                SimInstances.config(empty, SimInstances.HERE, 1).memoryBytes(1),
                SimInstances.config(empty, SimInstances.HERE, 1).logGenerationBytes(100),
                SimInstances.config(empty, SimInstances.HERE, 1).guardHalfBytes(300_000),
                SimInstances.config(empty, SimInstances.HERE, 1).checkpointBytes(0),
                SimInstances.config(empty, SimInstances.HERE, 1).checkpointDepthBytesMax(5),
                SimInstances.config(empty, SimInstances.HERE, 1).memoryWaitMs(-1),
                SimInstances.config(empty, SimInstances.HERE, 1).memoryWaitMs(Long.MAX_VALUE),
                SimInstances.config(empty, SimInstances.HERE, 1).logging(false).acceptLoss(true));
        for (InstanceConfig config : bad) {
            refused(QuireError.SYSTEM_PARAMETER_CONFLICT, config::open);
        }
        assertEquals(0, empty.operationCount());
    }
}
