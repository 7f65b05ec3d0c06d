package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.durable.BackupKind;
import dev.quire.io.Storage;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
import dev.quire.io.sim.SimDisk;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Fear: a list that is longer than its maker thought loses its end, and nobody is told. */
class ExternalListsTest {

    /** As many as can be attached. */
    private static final int DATABASES = 128;

    private static final int GENERATIONS = 300;

    private static List<String> names(List<ExternalFile> files) {
        return files.stream().map(ExternalFile::name).toList();
    }

    @Test
    void allDatabasesAndAllLogMustBeListedInOrderHoweverManyThereAre() {
        Storage storage = new SimDisk(Scene.ROOT);
        Instance instance = Scene.config(storage, Scene.ROOT.resolve("here"), 1)
                .circularLogging(false)
                .open();
        List<String> made = IntStream.range(0, DATABASES).mapToObj(i -> "d" + i).toList();
        made.forEach(name -> instance.createDatabase(name, 4096));
        while (instance.engine().log().roll() <= GENERATIONS) {
            // the next one
        }
        try (ExternalBackup backup = ExternalBackup.begin(instance, ExternalRequest.of(BackupKind.FULL))) {
            List<ExternalFile> databases = backup.databases();
            assertEquals(
                    made.stream()
                            .flatMap(name -> Stream.of(name + ".qdb", name + ".use"))
                            .map(name -> backup.id() + '.' + name)
                            .toList(),
                    names(databases));
            databases.forEach(file -> Puller.bytes(backup.open(file.name())));
            List<ExternalFile> log = backup.logFiles();
            int current = Lsn.generation(instance.engine().appended());
            assertTrue(current > GENERATIONS, () -> "current=" + current);
            assertEquals(
                    IntStream.range(1, current)
                            .mapToObj(generation -> backup.id() + '.' + LogFiles.name(generation))
                            .toList(),
                    names(log));
        }
        instance.halt();
    }
}
