package dev.quire.backup.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.backup.SystemLog;
import dev.quire.durable.BackupKind;
import dev.quire.io.LocalSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What the log of the system has of those who connect. Fear: nothing, or so much that nobody reads it. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketLogTest {

    @TempDir
    private Path directory;

    private SystemLog log;
    private SocketScene scene;

    @BeforeEach
    void listen() {
        scene = new SocketScene(directory);
        log = new SystemLog(Level.FINE);
    }

    @AfterEach
    void quiet() {
        try {
            scene.close();
        } finally {
            log.close();
        }
    }

    @Test
    void whoeverSpeaksSomethingElseMustCostOneLine() throws IOException {
        log.level(Level.INFO);
        for (int i = 0; i < 10; i++) {
            try (SocketChannel peer = LocalSocket.connect(scene.path)) {
                peer.write(ByteBuffer.wrap("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII)));
                while (peer.read(ByteBuffer.allocate(100)) >= 0) {
                    continue; // until he has had enough
                }
            }
            try (Wire old = new Wire(LocalSocket.connect(scene.path), scene.path, idle -> {})) {
                old.hello(0, Wire.VERSION - 1);
                old.greeted(Wire.VERSION, Wire.VERSION);
                assertThrows(IOException.class, old::next);
            }
        }
        scene.socket.close(); // behind whoever is still being told
        assertEquals(20, log.records.size());
        String user = "a connection of user " + System.getProperty("user.name") + " has ended: ";
        for (LogRecord each : log.records) {
            assertNull(each.getThrown());
            assertEquals(Level.WARNING, each.getLevel());
            String line = each.getMessage();
            assertTrue(line.startsWith(user) && line.endsWith(scene.path.toString()) && !line.contains("\n"), line);
            assertTrue(
                    line.contains("it begins with 5448202f20544547, expected 6b61426572697551")
                            || line.contains("speaks versions 0 to 0 of the protocol, and this side 1 to 1"),
                    line);
        }
    }

    private List<String> told(String number) {
        return log.records.stream()
                .map(LogRecord::getMessage)
                .filter(line -> line.contains(' ' + number + ' ')
                        && line.contains(directory.resolve("here").toString()))
                .toList();
    }

    @Test
    void whatAConnectionReadsMustBeToldByTheInstance() throws Exception {
        int generations = scene.take(BackupKind.FULL, "b").generationHigh();
        assertEquals(2 + generations, told("220").size());
        assertEquals(2 + generations, told("221").size());
        assertEquals(List.of(), told("222"));
        assertTrue(told("221").get(0).contains("db.qdb, "), told("221")::toString);
        log.records.clear();
        try (Wire wire = scene.raw()) {
            List<SocketScene.ExternalName> files = SocketScene.begin(wire);
            SocketScene.ExternalName longest = files.stream()
                    .max((a, b) -> Long.compare(a.bytes(), b.bytes()))
                    .orElseThrow();
            wire.send(Message.READ, longest.name().getBytes(StandardCharsets.UTF_8));
            assertEquals(Message.DATA, wire.receive());
        }
        scene.awaitFree();
        scene.socket.close();
        assertEquals(1, told("222").size());
        assertEquals(1, told("215").size());
    }
}
