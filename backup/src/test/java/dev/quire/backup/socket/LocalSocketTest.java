package dev.quire.backup.socket;

import static dev.quire.backup.socket.SocketScene.names;
import static dev.quire.backup.socket.SocketScene.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.FileStorage;
import dev.quire.io.InUseException;
import dev.quire.io.LocalSocket;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.StoreLock;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Fear: somebody else connects, in whatever moment; or what lies in the socket's place is lost. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LocalSocketTest {

    @TempDir
    private Path directory;

    private Path path;

    @BeforeEach
    void open() throws IOException {
        path = directory.resolve("s");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    @Test
    void whatIsNoSocketMustBeToldAsThat() throws IOException {
        Files.createFile(path);
        for (Path wrong : List.of(path, directory)) {
            QuireException e = refused(QuireError.FILE_INVALID_TYPE, () -> LocalSocket.connect(wrong));
            assertTrue(e.getMessage().contains("is no socket"), e::getMessage);
        }
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("gone"));
        QuireException e = refused(QuireError.FILE_NOT_FOUND, () -> LocalSocket.connect(link));
        assertTrue(e.getMessage().contains("is a link"), e::getMessage);
    }

    @Test
    void nobodyButTheOwnerMustBeAbleToConnectAtAnyMoment() throws Exception {
        Map<String, String> open = new ConcurrentHashMap<>();
        AtomicBoolean done = new AtomicBoolean();
        Thread looking = new Thread(() -> {
            while (!done.get()) {
                look(open);
            }
        });
        looking.start();
        try {
            for (int i = 0; i < 300; i++) {
                try (LocalSocket socket = LocalSocket.listen(path)) {
                    look(open);
                    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
                    assertTrue(socket.isOpen());
                }
            }
        } finally {
            done.set(true);
            looking.join();
        }
        assertEquals(Map.of(), new TreeMap<>(open));
        assertEquals(Set.of(""), names(directory));
    }

    /** What is there at this moment, directly in the open directory, and open to others. */
    private void look(Map<String, String> open) {
        try (Stream<Path> there = Files.list(directory)) {
            for (Path each : there.toList()) {
                Set<PosixFilePermission> mode = permissions(each);
                if (!mode.stream().allMatch(bit -> bit.name().startsWith("OWNER"))) {
                    open.put(each.getFileName().toString(), mode.toString());
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Set<PosixFilePermission> permissions(Path each) throws IOException {
        try {
            return Files.getPosixFilePermissions(each);
        } catch (NoSuchFileException gone) {
            return Set.of();
        }
    }

    @Test
    void aSocketOnWhichNobodyAnswersMustBeReplacedAndALivingOneNot() throws IOException {
        ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        dead.bind(UnixDomainSocketAddress.of(path));
        assertEquals(
                InUseException.class,
                refused(QuireError.FILE_ACCESS_DENIED, () -> LocalSocket.listen(path))
                        .getClass());
        dead.close();
        refused(QuireError.NOT_INITIALIZED, () -> LocalSocket.connect(path));
        try (LocalSocket socket = LocalSocket.listen(path)) {
            refused(QuireError.FILE_ACCESS_DENIED, () -> LocalSocket.listen(path));
            try (SocketChannel peer = LocalSocket.connect(path);
                    SocketChannel accepted = socket.accept()) {
                assertTrue(peer.isConnected() && socket.isOurs(accepted));
            }
        }
        assertFalse(Files.exists(path));
        refused(QuireError.FILE_NOT_FOUND, () -> LocalSocket.connect(path));
    }

    private void dead() throws IOException {
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
    }

    /** Fear: two see a dead socket, the second one replaces the first one's, and both believe that they listen. */
    @Test
    void whileSomebodyReplacesADeadSocketNobodyElseMust() throws IOException {
        dead();
        Path lock = directory.resolve("s.lock");
        StoreLock replacing = FileStorage.instance().lock(lock);
        try (replacing) {
            refused(QuireError.SYSTEM_PATH_IN_USE, () -> LocalSocket.listen(path));
            assertEquals(Set.of("", "s", "s.lock"), names(directory));
            refused(QuireError.NOT_INITIALIZED, () -> LocalSocket.connect(path));
        }
        LocalSocket.listen(path).close(); // what a kill left of a lock keeps nobody away
        assertEquals(Set.of(""), names(directory));
    }

    @Test
    void ofSeveralWhoReplaceADeadSocketExactlyOneMustListen() throws Exception {
        for (int i = 0; i < 50; i++) {
            dead();
            List<LocalSocket> listening = new CopyOnWriteArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int j = 0; j < 4; j++) {
                threads.add(new Thread(() -> {
                    try {
                        listening.add(LocalSocket.listen(path));
                    } catch (InUseException another) {
                        return;
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread each : threads) {
                each.join();
            }
            assertEquals(1, listening.size(), "round " + i);
            listening.get(0).close();
            assertEquals(Set.of(""), names(directory));
        }
    }

    @Test
    void whatIsNoSocketMustStay() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "mine");
        Path link = Files.createSymbolicLink(directory.resolve("link"), path);
        Path below = Files.createDirectory(directory.resolve("below"));
        for (Path taken : new Path[] {file, link, below}) {
            refused(QuireError.FILE_ALREADY_EXISTS, () -> LocalSocket.listen(taken));
        }
        try (LocalSocket socket = LocalSocket.listen(path)) { // a link to a living one is a link
            refused(QuireError.FILE_ALREADY_EXISTS, () -> LocalSocket.listen(link));
            assertTrue(socket.isOpen());
        }
        assertEquals("mine", Files.readString(file));
        assertEquals(Set.of("", "below", "file", "link"), names(directory));
        refused(QuireError.FILE_INVALID_TYPE, () -> LocalSocket.connect(file));
    }

    /** Who listens says what is stored, and what that takes the place of. Only root can make the test's socket. */
    @Test
    void theSocketOfAnotherUserMustNotBeBelieved() throws IOException {
        try (LocalSocket socket = LocalSocket.listen(path)) {
            assertTrue(socket.isOpen());
            Path anothers = path;
            try {
                Files.setOwner(
                        path,
                        directory
                                .getFileSystem()
                                .getUserPrincipalLookupService()
                                .lookupPrincipalByName("nobody"));
            } catch (IOException mayNot) {
                anothers = directory.getRoot(); // who may give nothing away does not own everything
            }
            Path place = anothers;
            refused(QuireError.PERMISSION_DENIED, () -> LocalSocket.connect(place));
        }
    }

    @Test
    void aPlaceThatCannotBeOneMustBeNamed() {
        refused(QuireError.INVALID_PATH, () -> LocalSocket.listen(directory.resolve("x".repeat(100))));
        refused(QuireError.INVALID_PATH, () -> LocalSocket.listen(directory.resolve("no/where")));
    }

    @Test
    void whatHasTakenThePlaceSinceMustStayWhenItIsClosed() throws IOException {
        LocalSocket first = LocalSocket.listen(path);
        Files.delete(path);
        Files.writeString(path, "mine");
        first.close();
        first.close();
        assertEquals("mine", Files.readString(path));
    }
}
