package dev.quire.backup.socket;

import static dev.quire.backup.socket.SocketScene.names;
import static dev.quire.backup.socket.SocketScene.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.backup.Backup;
import dev.quire.durable.BackupKind;
import dev.quire.io.LocalSocket;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fear: somebody connects and does not go on, goes, or is too many; and the instance waits for him, or stops. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketLifeTest {

    @TempDir
    private Path directory;

    /** Asks for the longest file and takes nothing of it. */
    private static void stopReading(Wire wire) throws IOException {
        SocketScene.ExternalName longest = SocketScene.begin(wire).stream()
                .max((a, b) -> Long.compare(a.bytes(), b.bytes()))
                .orElseThrow();
        assertTrue(longest.bytes() > 1 << 20, longest::toString);
        wire.send(Message.READ, longest.name().getBytes(StandardCharsets.UTF_8));
        wire.flush();
    }

    @Test
    void aClientThatStopsReadingMustHoldBackNothingButThePlaceAndThatUntilHeGoes() throws Exception {
        try (SocketScene scene = new SocketScene(directory)) {
            Wire wire = scene.raw();
            stopReading(wire);
            scene.commit(50);
            assertTrue(scene.isTaken());
            refused(QuireError.BACKUP_IN_PROGRESS, () -> scene.instance.detach("other"));
            refused(QuireError.BACKUP_IN_PROGRESS, scene.instance::close);
            wire.close();
            scene.awaitFree();
            scene.instance.detach("other");
            scene.instance.attach("other");
            scene.take(BackupKind.FULL, "b");
            scene.holds("b", scene.commits());
        }
    }

    @Test
    void aClientThatIsSilentMustBeEndedWhenHisLeaseIsOverWhetherHeReadsOrNot() throws Exception {
        try (SocketScene scene = new SocketScene(directory, Duration.ofMillis(300))) {
            Wire silent = scene.raw();
            SocketScene.begin(silent);
            assertEquals(Message.FAILURE, silent.receive());
            assertEquals(
                    QuireError.BACKUP_ABORT_BY_SERVER, Failure.received(silent).error());
            scene.awaitFree();
            Wire deaf = scene.raw();
            stopReading(deaf);
            scene.awaitFree();
            try (Wire idle = scene.raw()) {
                assertEquals(Message.FAILURE, idle.receive());
            }
            Backup.full(scene.instance, directory.resolve("b"), Progress.NONE);
            silent.close();
            deaf.close();
        }
    }

    @Test
    void anInstanceThatEndsTheBackupMustNotWaitForTheClient() throws Exception {
        try (SocketScene scene = new SocketScene(directory)) {
            Wire deaf = scene.raw();
            stopReading(deaf);
            scene.instance.stopBackup();
            scene.awaitFree();
            Wire waiting = scene.raw();
            SocketScene.begin(waiting);
            scene.instance.stopBackup();
            assertEquals(Message.FAILURE, waiting.receive());
            assertEquals(
                    QuireError.BACKUP_ABORT_BY_SERVER, Failure.received(waiting).error());
            Wire last = scene.raw();
            stopReading(last);
            scene.instance.closeStoppingBackup();
            refused(QuireError.NOT_INITIALIZED, () -> scene.take(BackupKind.FULL, "b"));
            assertFalse(Files.exists(directory.resolve("b")));
            for (Wire each : List.of(deaf, waiting, last)) {
                each.close();
            }
        }
    }

    @Test
    void anInstanceThatIsClosedMustBeTold() {
        try (SocketScene scene = new SocketScene(directory)) {
            scene.instance.close();
            refused(QuireError.NOT_INITIALIZED, () -> scene.take(BackupKind.FULL, "b"));
            scene.socket.close();
            refused(QuireError.FILE_NOT_FOUND, () -> scene.take(BackupKind.FULL, "b"));
        }
    }

    @Test
    void aListenerThatIsClosedMustEndItsConnectionsAndTheirBackups() throws Exception {
        Duration lease = Duration.ofSeconds(10); // after which they would end by themselves, and say why
        try (SocketScene scene = new SocketScene(directory, lease)) {
            Progress closing = (phase, done, total) -> {
                if (phase == Progress.Phase.PAGES && Files.exists(scene.path)) {
                    scene.socket.close();
                }
            };
            QuireException e = refused(
                    QuireError.BACKUP_ABORT_BY_SERVER,
                    () -> BackupSocket.backup(
                            scene.path,
                            scene.request(BackupKind.FULL, "b")
                                    .progress(closing)
                                    .conclude()));
            assertTrue(e.getMessage().contains("the connection is lost"), e::toString);
            assertFalse(Files.exists(directory.resolve("b")));
            assertFalse(scene.isTaken());
            assertEquals(List.of(), threads());
            scene.socket = BackupSocket.listen(scene.instance, scene.path, lease);
            Wire waiting = scene.raw();
            Wire deaf = scene.raw();
            stopReading(deaf);
            scene.socket.close();
            assertThrows(EOFException.class, waiting::next);
            assertFalse(scene.isTaken());
            assertEquals(List.of(), threads());
            waiting.close();
            deaf.close();
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("quire-socket"))
                .toList();
    }

    @Test
    void aNameThatCannotBeTakenAwayMustKeepNobodyAtTheInstance() throws Exception {
        try (SocketScene scene = new SocketScene(directory)) {
            Path below = Files.createDirectory(directory.resolve("below"));
            Path path = below.resolve("s");
            BackupSocket second = BackupSocket.listen(scene.instance, path);
            Wire wire = new Wire(LocalSocket.connect(path), path, idle -> {});
            wire.hello(Wire.VERSION, Wire.VERSION);
            wire.greeted(Wire.VERSION, Wire.VERSION);
            assertEquals(Message.WELCOME, wire.next());
            stopReading(wire);
            Files.move(below, directory.resolve("elsewhere"));
            Files.createSymbolicLink(below, below.getFileName()); // leads to itself: nothing can be looked up there
            assertThrows(QuireException.class, second::close);
            assertFalse(scene.isTaken());
            assertEquals(List.of("quire-socket"), threads());
            wire.close();
        }
    }

    /** What he has takes its time; or he is about to look for more room. */
    @Test
    void whoStillStoresMustBeAnsweredAtEveryStep() throws Exception {
        try (SocketScene scene = new SocketScene(directory);
                Wire wire = scene.raw()) {
            List<SocketScene.ExternalName> files = SocketScene.begin(wire);
            stay(wire);
            read(wire, files);
            stay(wire);
            read(wire, SocketScene.names(wire, Message.LOG_FILES));
            stay(wire);
            read(wire, SocketScene.names(wire, Message.MANIFEST));
            stay(wire);
        }
    }

    private static void stay(Wire wire) throws IOException {
        wire.send(Message.STAY);
        assertEquals(Message.DONE, wire.receive());
    }

    @Test
    void whoIsOneTooManyMustBeToldAndTheOthersGoOn() throws Exception {
        try (SocketScene scene = new SocketScene(directory)) {
            List<Wire> many = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                many.add(scene.raw());
            }
            refused(QuireError.OUT_OF_MEMORY, () -> scene.take(BackupKind.FULL, "b"));
            SocketScene.begin(many.get(3));
            for (Wire each : many) {
                each.close();
            }
            scene.awaitFree();
            while (!threads().equals(List.of("quire-socket"))) {
                Thread.sleep(5);
            }
            scene.take(BackupKind.FULL, "b");
            scene.holds("b", scene.commits());
        }
    }

    /** He has stored and published all of it, and goes before he hears that it was ended. */
    @Test
    void anEndThatHasBegunMustBeDoneAlthoughNobodyHearsOfIt() throws Exception {
        try (SocketScene scene = new SocketScene(directory)) {
            Wire wire = scene.raw();
            List<SocketScene.ExternalName> files = new ArrayList<>(SocketScene.begin(wire));
            read(wire, files);
            List<SocketScene.ExternalName> log = SocketScene.names(wire, Message.LOG_FILES);
            read(wire, log);
            wire.send(Message.TRUNCATE);
            assertEquals(Message.DONE, wire.receive());
            read(wire, SocketScene.names(wire, Message.MANIFEST));
            wire.send(Message.END);
            wire.flush();
            wire.close();
            scene.awaitFree();
            String last = log.get(log.size() - 1).name();
            int high = Integer.parseInt(last.substring(17, 25), 16);
            scene.instance
                    .engine()
                    .databases()
                    .forEach(each ->
                            assertEquals(high, each.file().header().full().generationHigh()));
        }
    }

    private static void read(Wire wire, List<SocketScene.ExternalName> files) throws IOException {
        for (SocketScene.ExternalName file : files) {
            wire.send(Message.READ, file.name().getBytes(StandardCharsets.UTF_8));
            Message each = wire.receive();
            while (each != Message.DONE) {
                each = wire.next();
            }
        }
    }

    @Test
    void whatIsWrongMustEndThatConnectionAndNothingElse() throws Exception {
        try (SocketScene scene = new SocketScene(directory);
                Wire good = scene.raw()) {
            List<SocketScene.ExternalName> files = SocketScene.begin(good);
            for (Message question :
                    List.of(Message.DATABASES, Message.DONE, Message.END, Message.BEGIN, Message.STAY)) {
                try (Wire wrong = scene.raw()) {
                    wrong.send(question);
                    assertEquals(Message.FAILURE, wrong.receive());
                    QuireError error = Failure.received(wrong).error();
                    assertTrue(
                            List.of(QuireError.NO_BACKUP, QuireError.INVALID_PARAMETER)
                                    .contains(error),
                            error::toString);
                    assertThrows(EOFException.class, wrong::next);
                }
            }
            read(good, files);
            assertTrue(scene.isTaken());
        }
        assertEquals(
                List.of(),
                names(directory).stream().filter(name -> name.startsWith(".q")).toList());
    }
}
