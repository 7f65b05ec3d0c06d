package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.Names;
import dev.quire.io.Storage;
import dev.quire.io.log.LogFiles;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import dev.quire.io.sim.SimOperation;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A crash between the record that drops a database and the end of its file: however it is opened next, that goes. */
class DroppedFileTest {

    private static final Path FILE = SimInstances.HERE.resolve("gone.qdb");
    private static final Path LOG = SimInstances.HERE.resolve(Names.LOG);

    private final SimDisk disk = SimInstances.disk();
    private Instance instance;

    private void load() {
        instance = SimInstances.open(disk, 1);
        put(instance.createDatabase("kept"), instance);
        put(instance.createDatabase("gone"), instance);
    }

    private SimDisk crashed() {
        load();
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
