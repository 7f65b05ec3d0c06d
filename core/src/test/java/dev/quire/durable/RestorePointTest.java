package dev.quire.durable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Database;
import dev.quire.Instance;
import dev.quire.InstanceConfig;
import dev.quire.ReadTransaction;
import dev.quire.WriteTransaction;
import dev.quire.io.BytesView;
import dev.quire.io.MutableBytesView;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.log.GenerationInfo;
import dev.quire.io.log.LogFiles;
import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Restore points: a name in a commit, which changes nothing for whoever does not look for it. */
class RestorePointTest {

    private static final Path HERE = Path.of("/sim/here").toAbsolutePath();

    private final SimDisk disk = new SimDisk(HERE.getParent());
    private final MutableBytesView view = new MutableBytesView();

    private InstanceConfig config() {
        return Instance.configure(HERE)
                .storage(disk)
                .background(false)
                .pageBytes(4096)
                .memoryBytes(8 << 20)
                .logGenerationBytes(1 << 20)
                .guardHalfBytes(256 << 10)
                .circularLogging(false);
    }

    private static void leave(Instance instance, String name) {
        try (WriteTransaction tx = instance.beginWrite()) {
            tx.restorePoint(name);
            tx.commit();
        }
    }

    private StopSearch search(Instance instance) {
        long end = instance.engine().log().appended();
        StopSearch search = new StopSearch(StopPoint.END, 0, 0, 0, List.of());
        long signature = instance.engine().slot().signature();
        int current = instance.engine().log().roll();
        Path log = HERE.resolve(Names.LOG);
        for (int generation = 1; generation < current; generation++) {
            GenerationInfo info = LogFiles.start(disk, LogFiles.path(log, generation + 1), signature, generation + 1)
                    .previous();
            LogFiles.read(disk, LogFiles.path(log, generation), signature, info, search);
        }
        assertTrue(search.reached() <= end);
        return search;
    }

    @Test
    void aTransactionThatChangesNothingMustLeaveItsRestorePoint() {
        try (Instance instance = config().open()) {
            instance.createDatabase("db");
            long before = instance.engine().log().appended();
            leave(instance, "here");
            leave(instance, "and there, \u00e9\u4e00");
            List<NamedPoint> points = search(instance).points();
            assertEquals(
                    List.of("here", "and there, \u00e9\u4e00"),
                    points.stream().map(NamedPoint::name).toList());
            assertTrue(points.get(0).position() > before);
            assertTrue(points.get(1).position() > points.get(0).position());
            assertTrue(points.get(1).timeMs() >= points.get(0).timeMs());
        }
    }

    /** Fear: a commit without records that says it begins at the start of the log takes in what a crash left. */
    @Test
    void whatACrashLeftBeforeACommitWithoutRecordsMustStayVoid() {
        Instance instance = config().open();
        Database database = instance.createDatabase("db");
        long page;
        try (WriteTransaction tx = instance.beginWrite()) {
            page = tx.rawPages(database).allocate(view);
            view.putLong(0, 1);
            tx.commit();
        }
        int id = instance.engine().databases().iterator().next().id();
        ByteBuffer record = RedoBoundaryTest.image(id, page);
        instance.engine().log().append(RecordLayout.PAGE_IMAGE, record, 0, record.capacity());
        leave(instance, "behind");
        instance.halt();
        try (Instance again = config().open();
                ReadTransaction tx = again.beginRead()) {
            BytesView found = new BytesView();
            tx.rawPages(again.database("db")).read(page, found);
            assertEquals(1, found.getLong(0));
        }
    }

    @Test
    void aTransactionThatChangesSomethingMustLeaveItWithThat() {
        try (Instance instance = config().open()) {
            Database database = instance.createDatabase("db");
            try (WriteTransaction tx = instance.beginWrite()) {
                tx.createTable(database, "t").put(new byte[] {1}, new byte[100_000]);
                tx.restorePoint("with changes");
                tx.commit();
            }
            assertEquals("with changes", search(instance).points().get(0).name());
            assertTrue(instance.check().isSound());
        }
    }

    @Test
    void whatCannotBeANameMustBeRefusedAndAnInstanceWithoutALogHasNone() {
        try (Instance instance = config().open();
                WriteTransaction tx = instance.beginWrite()) {
            for (String name : List.of("", "a\nb", "\u001b[1m", "\ud800", "x".repeat(Label.LENGTH_MAX + 1))) {
                assertEquals(
                        QuireError.INVALID_NAME,
                        assertThrows(QuireException.class, () -> tx.restorePoint(name))
                                .error());
            }
            tx.restorePoint("\u4e00".repeat(Label.LENGTH_MAX));
            tx.commit();
        }
        try (Instance instance = config().logging(false).open();
                WriteTransaction tx = instance.beginWrite()) {
            assertEquals(
                    QuireError.LOGGING_DISABLED,
                    assertThrows(QuireException.class, () -> tx.restorePoint("x"))
                            .error());
        }
    }
}
