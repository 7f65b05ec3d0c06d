package dev.quire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.Names;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.log.LogFiles;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import dev.quire.io.sim.SimOperation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A crash between the record that drops a database and the end of its file: however it is opened next, that goes. */
class DroppedFileTest {

    private static final Path FILE = SimInstances.HERE.resolve("gone.qdb");
    private static final Path LOG = SimInstances.HERE.resolve(Names.LOG);

    private SimDisk disk;
    private Instance instance;

    private void load() {
        disk = SimInstances.disk();
        instance = SimInstances.open(disk, 1);
        fill();
    }

    private void fill() {
        put(instance.createDatabase("kept"), instance);
        put(instance.createDatabase("gone"), instance);
    }

    private SimDisk crashed() {
        load();
        return cutInFrontOfTheEnd();
    }

    private SimDisk cutInFrontOfTheEnd() {
        instance.drop("gone");
        int deleted = disk.operations().stream()
                .filter(each ->
                        each.type() == SimOperation.Type.DELETE && each.path().equals(FILE))
                .findFirst()
                .orElseThrow()
                .index();
        instance.halt();
        SimDisk image = disk.crashImage(deleted, CrashPolicy.NONE, 0);
        assertEquals(Storage.Kind.FILE, image.kind(FILE));
        return image;
    }

    private static void put(Database database, Instance instance) {
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.openOrCreateTable(database, "t").put(new byte[] {1}, new byte[10]);
            tx.commit();
        }
    }

    private static void goneAfter(SimDisk disk, UnaryOperator<InstanceConfig> how) {
        try (Instance instance =
                how.apply(SimInstances.config(disk, SimInstances.HERE, 2)).open()) {
            assertEquals(1, instance.databases().size());
            assertEquals(Storage.Kind.NONE, disk.kind(FILE));
            put(instance.createDatabase("gone"), instance);
            assertTrue(instance.check().isSound());
        }
    }

    /** Fear: somebody has put another file in its place, and that is deleted. */
    @Test
    void aFileOfTheSameNameThatIsNotTheDroppedOneMustStay() {
        SimDisk kept = crashed();
        kept.plant(FILE, kept.contents(SimInstances.HERE.resolve("kept.qdb")));
        staysAfter(kept, "another database of this instance");

        SimDisk elsewhere = crashed();
        change(elsewhere, header -> header.withLogSignature(header.logSignature() + 1));
        staysAfter(elsewhere, "restored from a backup, so that an instance elsewhere has it in use");

        SimDisk clean = crashed();
        change(clean, header -> header.withState(DatabaseHeader.State.CLEAN));
        staysAfter(clean, "detached in order");

        SimDisk damaged = crashed();
        damaged.corrupt(FILE, 100, 1);
        damaged.corrupt(FILE, 4096 + 100, 1);
        staysAfter(damaged, "not known to be anything");
    }

    /** Fear: it came back under its name, with the same signature, and the end before is taken for the last. */
    @Test
    void aDatabaseThatWasAttachedAgainMustStay() {
        load();
        instance.detach("gone");
        instance.attach("gone");
        put(instance.database("gone"), instance);
        instance.halt();
        try (Instance again = SimInstances.open(disk.processCrashImage(disk.operationCount()), 2)) {
            assertEquals(2, again.databases().size());
            assertEquals(Storage.Kind.FILE, again.engine().settings().storage().kind(FILE));
            assertTrue(again.check().isSound());
        }
    }

    private static void change(SimDisk disk, UnaryOperator<DatabaseHeader> how) {
        try (StoreFile file = disk.open(FILE, Storage.Access.WRITE)) {
            how.apply(DatabaseHeader.read(disk, FILE)).writeTo(file);
        }
    }

    private static void staysAfter(SimDisk disk, String what) {
        byte[] before = disk.contents(FILE);
        SimInstances.open(disk, 2).close();
        assertEquals(Storage.Kind.FILE, disk.kind(FILE), what);
        assertArrayEquals(before, disk.contents(FILE), what);
    }

    /** Fear: the deletion is believed, and a power cut brings the file back when nothing says any more that it goes. */
    @Test
    void itMustBeGoneForGoodWhenItIsNoLongerLookedFor() {
        SimDisk disk = crashed();
        Instance instance = SimInstances.open(disk, 2);
        instance.checkpoint();
        instance.halt();
        goneAfter(disk.crashImage(disk.operationCount(), CrashPolicy.NONE, 0), config -> config);
    }

    /** Fear: a checkpoint comes between, its slot does not name the database any more, and the file stays for good. */
    @Test
    void itMustGoAlsoIfACheckpointCameBetween() {
        Runnable[] before = new Runnable[1];
        SimDisk base = SimInstances.disk();
        disk = base;
        Storage storage = (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("delete") && FILE.equals(arguments[0])) {
                        before[0].run();
                    }
                    try {
                        return method.invoke(base, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        instance = SimInstances.open(storage, 1);
        fill();
        before[0] = () -> instance.engine().checkpointer().run();
        goneAfter(cutInFrontOfTheEnd(), config -> config);
    }

    @Test
    void itMustGoWhenTheInstanceGoesOn() {
        goneAfter(crashed(), config -> config);
    }

    @Test
    void itMustGoWhenTheInstanceGoesOnWithoutALog() {
        goneAfter(crashed(), config -> config.logging(false));
    }

    @Test
    void itMustGoWhenLossIsAccepted() {
        load();
        byte[] bytes = disk.contents(FILE);
        instance.drop("gone");
        instance.engine().log().roll();
        put(instance.database("kept"), instance);
        int lost = instance.engine().log().generation();
        instance.halt();
        disk.plant(FILE, bytes);
        disk.delete(LogFiles.path(LOG, lost));
        goneAfter(disk, config -> config.acceptLoss(true));
    }
}
