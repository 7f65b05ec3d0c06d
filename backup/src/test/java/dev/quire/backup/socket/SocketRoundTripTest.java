package dev.quire.backup.socket;

import static dev.quire.backup.socket.SocketScene.names;
import static dev.quire.backup.socket.SocketScene.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.backup.Backup;
import dev.quire.backup.BackupReport;
import dev.quire.backup.BackupRequest;
import dev.quire.backup.BackupSet;
import dev.quire.durable.BackupKind;
import dev.quire.io.EventKind;
import dev.quire.io.FileStorage;
import dev.quire.io.InUseException;
import dev.quire.io.OperationEvent;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.RateLimit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is taken through a socket is a backup like any other, with the same refusals. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketRoundTripTest {

    @TempDir
    private Path directory;

    private SocketScene scene;

    @BeforeEach
    void open() {
        scene = new SocketScene(directory);
    }

    @AfterEach
    void close() {
        scene.close();
    }

    /** Takes one while somebody commits. */
    private BackupReport busy(BackupKind kind, String to, boolean atomic) throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = new Thread(() -> {
            while (!done.get()) {
                scene.commit(3);
            }
        });
        writer.start();
        try {
            return BackupSocket.backup(
                    scene.path,
                    scene.request(kind, to).atomic(atomic).label("it").conclude());
        } finally {
            done.set(true);
            writer.join();
        }
    }

    @Test
    void everyKindMustBeTakenOfABusyInstanceAndRestoreBehindItsChain() throws Exception {
        long before = scene.commits();
        BackupReport full = busy(BackupKind.FULL, "b", false);
        assertEquals(BackupKind.FULL, full.kind());
        assertEquals(List.of("db", "other"), full.databases());
        assertEquals("it", full.label());
        assertTrue(full.released() > 0);
        scene.holds("b", before);
        int low = full.generationHigh() + 1;
        for (BackupKind kind : List.of(BackupKind.INCREMENTAL, BackupKind.DIFFERENTIAL, BackupKind.INCREMENTAL)) {
            before = scene.commits();
            BackupReport next = busy(kind, "b", false);
            assertEquals(kind, next.kind());
            assertEquals(low, next.generationLow());
            low = kind == BackupKind.INCREMENTAL ? next.generationHigh() + 1 : low;
            scene.holds("b", before);
        }
        before = scene.commits();
        assertEquals(BackupKind.COPY, busy(BackupKind.COPY, "c", false).kind());
        scene.holds("c", before);
        assertEquals(
                low,
                Backup.run(
                                scene.instance,
                                scene.request(BackupKind.INCREMENTAL, "b").conclude())
                        .generationLow());
        before = scene.commits();
        busy(BackupKind.INCREMENTAL, "b", false);
        scene.holds("b", before);
        assertEquals(
                5,
                BackupSet.read(FileStorage.instance(), directory.resolve("b"))
                        .chain()
                        .size());
    }

    @Test
    void anAtomicSetMustBeReplacedAndAddedTo() throws Exception {
        busy(BackupKind.FULL, "a", true);
        busy(BackupKind.INCREMENTAL, "a", true);
        BackupReport again = busy(BackupKind.FULL, "a", true);
        long before = scene.commits();
        busy(BackupKind.DIFFERENTIAL, "a", true);
        scene.holds("a", before);
        assertEquals(
                again.id(),
                BackupSet.read(FileStorage.instance(), directory.resolve("a"))
                        .full()
                        .id());
        try (var names = Files.list(directory.resolve("a"))) {
            assertEquals(
                    List.of("new"),
                    names.map(each -> each.getFileName().toString()).toList());
        }
        refused(
                QuireError.BACKUP_DIRECTORY_NOT_EMPTY,
                () -> BackupSocket.backup(
                        scene.path,
                        scene.request(BackupKind.COPY, "a").atomic(true).conclude()));
        scene.holds("a", before);
    }

    /** What nobody uses travels as a number, and is a hole where it is stored. */
    @Test
    void holesMustTravelAsACount() throws Exception {
        try (Wire wire = scene.raw()) {
            long zeros = 0;
            for (SocketScene.ExternalName file : SocketScene.begin(wire)) {
                wire.send(Message.READ, file.name().getBytes(StandardCharsets.UTF_8));
                long bytes = 0;
                for (Message each = wire.receive(); each != Message.DONE; each = wire.next()) {
                    long count = each == Message.ZEROS
                            ? wire.payload().getLong(0)
                            : wire.payload().remaining();
                    zeros += each == Message.ZEROS ? count : 0;
                    bytes += count;
                }
                assertEquals(file.bytes(), bytes);
            }
            assertTrue(zeros > 0, "zeros=" + zeros);
        }
    }

    @Test
    void whatTheInstanceRefusesMustBeThrownHereAsItWasThere() throws IOException {
        Files.createDirectory(directory.resolve("none"));
        refused(QuireError.MISSING_FULL_BACKUP, () -> scene.take(BackupKind.INCREMENTAL, "none"));
        refused(
                QuireError.INVALID_GRBIT,
                () -> BackupSocket.backup(
                        scene.path, BackupRequest.of(BackupKind.TRUNCATE_ONLY).conclude()));
        QuireException inside = refused(QuireError.INVALID_PATH, () -> scene.take(BackupKind.FULL, "here/b"));
        assertTrue(inside.getMessage().contains("lies inside the instance"), inside::toString);
        Files.createDirectory(directory.resolve("mine"));
        Files.writeString(directory.resolve("mine/file"), "mine");
        refused(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, () -> scene.take(BackupKind.FULL, "mine"));
        assertEquals(Set.of("", "file"), names(directory.resolve("mine")));
        try (Wire wire = scene.raw()) {
            SocketScene.begin(wire);
            QuireException e = refused(QuireError.BACKUP_IN_PROGRESS, () -> scene.take(BackupKind.FULL, "b"));
            assertEquals(InUseException.class, e.getClass());
            QuireException local = refused(
                    QuireError.BACKUP_IN_PROGRESS,
                    () -> Backup.full(scene.instance, directory.resolve("b"), Progress.NONE));
            assertEquals(local.getMessage(), e.getMessage());
        }
        assertFalse(Files.exists(directory.resolve("b")));
    }

    @Test
    void aListenerMustLearnOfPhasesAndEventsAndMayEndItInEachAndNothingIsLeft() throws Exception {
        Set<Progress.Phase> seen = EnumSet.noneOf(Progress.Phase.class);
        List<EventKind> told = new ArrayList<>();
        Progress looking = ((Progress) (phase, done, total) -> {
                    seen.add(phase);
                    assertTrue(done <= total, phase + " " + done + " of " + total);
                })
                .telling(event -> told.add(event.kind()));
        BackupReport report = BackupSocket.backup(
                scene.path,
                scene.request(BackupKind.FULL, "b").progress(looking).conclude());
        assertTrue(seen.containsAll(List.of(Progress.Phase.PAGES, Progress.Phase.LOG, Progress.Phase.PUBLISH)));
        assertEquals(EventKind.FULL_STARTED, told.get(0));
        assertEquals(EventKind.BACKUP_DONE, told.get(told.size() - 1));
        assertTrue(report.events().stream().map(OperationEvent::kind).toList().contains(EventKind.LOG_TRUNCATED));
        TreeSet<String> before = names(directory.resolve("b"));
        for (Progress.Phase phase : List.of(Progress.Phase.PAGES, Progress.Phase.LOG, Progress.Phase.PUBLISH)) {
            for (BackupKind kind : List.of(BackupKind.COPY, BackupKind.INCREMENTAL)) {
                if (kind.hasPages() || phase != Progress.Phase.PAGES) {
                    refused(
                            QuireError.BACKUP_ABORT_BY_CALLER,
                            () -> BackupSocket.backup(
                                    scene.path,
                                    scene.request(kind, kind.hasPages() ? "c" : "b")
                                            .progress(cancelledIn(phase))
                                            .conclude()));
                    assertFalse(Files.exists(directory.resolve("c")));
                    assertEquals(before, names(directory.resolve("b")));
                    scene.awaitFree();
                }
            }
        }
        scene.take(BackupKind.INCREMENTAL, "b");
        scene.holds("b", scene.commits());
    }

    private static Progress cancelledIn(Progress.Phase phase) {
        return new Progress() {
            private boolean reached;

            @Override
            public void advance(Phase now, long done, long total) {
                reached |= now == phase;
            }

            @Override
            public boolean isCancelled() {
                return reached;
            }
        };
    }

    /** By a clock that only sleeping moves: whatever moves must have been earned. */
    @Test
    void nothingMustBeStoredFasterThanTheLimitAllows() throws IOException {
        AtomicLong now = new AtomicLong();
        long rate = 1 << 20;
        RateLimit limit = RateLimit.of(rate, now::get, now::addAndGet);
        BackupReport report = BackupSocket.backup(
                scene.path,
                scene.request(BackupKind.FULL, "b")
                        .progress(Progress.NONE.within(limit))
                        .conclude());
        long bytes = report.pageBytes() + report.logBytes();
        double earned = now.get() / 1e9 * rate * 1.05 + rate;
        assertTrue(bytes > rate && bytes <= earned, "bytes=" + bytes + " earned=" + earned);
        scene.holds("b", scene.commits());
    }
}
