package dev.quire.backup.socket;

import static dev.quire.backup.socket.SocketScene.names;
import static dev.quire.backup.socket.SocketScene.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.backup.BackupVerification;
import dev.quire.durable.BackupKind;
import dev.quire.io.Checksum;
import dev.quire.io.FileStorage;
import dev.quire.io.LocalSocket;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fear: the other side is older, newer, broken or hostile. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketProtocolTest {

    private static final int CONVERSATIONS = 150;

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

    @Test
    void twoSidesThatShareNoVersionMustRefuseOneAnother() throws IOException {
        for (int[] versions : new int[][] {{Wire.VERSION + 1, Wire.VERSION + 3}, {0, Wire.VERSION - 1}}) {
            try (Wire other = new Wire(LocalSocket.connect(scene.path), scene.path, idle -> {})) {
                other.hello(versions[0], versions[1]);
                QuireException e = refused(QuireError.INVALID_PARAMETER, () -> other.greeted(versions[0], versions[1]));
                assertTrue(e.getMessage().contains("versions " + Wire.VERSION + " to " + Wire.VERSION), e::toString);
                assertThrows(IOException.class, other::next);
            }
            byte[] hello = hello(HelloLayout.MAGIC, versions[0], versions[1]);
            QuireException e = refused(QuireError.INVALID_PARAMETER, () -> served(hello));
            assertTrue(e.getMessage().contains("versions " + versions[0] + " to " + versions[1]), e::toString);
        }
        try (Wire newer = new Wire(LocalSocket.connect(scene.path), scene.path, idle -> {})) {
            newer.hello(0, Wire.VERSION + 1);
            assertEquals(Wire.VERSION, newer.greeted(0, Wire.VERSION + 1));
            assertEquals(Message.WELCOME, newer.next());
        }
        refused(
                QuireError.INVALID_PARAMETER,
                () -> served("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        refused(QuireError.BACKUP_ABORT_BY_SERVER, () -> served(new byte[0]));
        assertEquals(Set.of(), stored());
    }

    /** Such manifests may be long, and nothing else would say how many of them there can be. */
    @Test
    void aSecondSetMustBeRefusedBeforeItTakesMemory() throws IOException {
        scene.take(BackupKind.FULL, "b");
        byte[] manifest = Files.readAllBytes(directory.resolve("b/manifest.json"));
        try (Wire wire = scene.raw()) {
            wire.send(Message.STORED_END, manifest);
            wire.send(Message.STORED_END, manifest);
            wire.send(Message.DATABASES);
            assertEquals(Message.FAILURE, wire.receive());
            assertEquals(QuireError.INVALID_PARAMETER, Failure.received(wire).error());
        }
    }

    @Test
    void aFrameThatDoesNotVerifyOrIsTooLongMustBeNamed() throws IOException {
        assertEquals(QuireError.READ_VERIFY_FAILURE, said(frame(8, 4, 1)));
        assertEquals(QuireError.INVALID_PARAMETER, said(frame(FrameLayout.PAYLOAD_BYTES_MAX + 1, 4, 0)));
        assertEquals(QuireError.INVALID_PARAMETER, said(frame(-1, 4, 0)));
        assertEquals(QuireError.INVALID_PARAMETER, said(frame(0, 1_000, 0)));
        assertEquals(QuireError.NO_BACKUP, said(frame(0, Message.DATABASES.number(), 0)));
    }

    /** A frame that says so many bytes, and has eight at most. */
    private static byte[] frame(int bytes, int type, int crcOff) {
        int there = Math.max(0, Math.min(8, bytes));
        ByteBuffer frame = ByteBuffer.allocate(FrameLayout.HEADER_BYTES + there).order(ByteOrder.LITTLE_ENDIAN);
        frame.putInt(FrameLayout.BYTES_OFFSET, bytes).putInt(FrameLayout.TYPE_OFFSET, type);
        int crc = Checksum.crc32c(frame.array(), FrameLayout.BYTES_OFFSET, frame.capacity() - FrameLayout.BYTES_OFFSET);
        return frame.putInt(FrameLayout.CRC_OFFSET, crc + crcOff).array();
    }

    /** What the server answers to a frame. */
    private QuireError said(byte[] frame) throws IOException {
        try (SocketChannel peer = LocalSocket.connect(scene.path)) {
            peer.write(ByteBuffer.wrap(hello(HelloLayout.MAGIC, Wire.VERSION, Wire.VERSION)));
            peer.write(ByteBuffer.wrap(frame));
            peer.shutdownOutput(); // who waits for more gets none
            try (Wire wire = new Wire(peer, scene.path, idle -> {})) {
                wire.greeted(Wire.VERSION, Wire.VERSION);
                assertEquals(Message.WELCOME, wire.next());
                assertEquals(Message.FAILURE, wire.next());
                return Failure.received(wire).error();
            }
        }
    }

    private static byte[] hello(long magic, int lowest, int highest) {
        return ByteBuffer.allocate(HelloLayout.HELLO_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(magic)
                .putInt(lowest)
                .putInt(highest)
                .array();
    }

    /** Takes a backup from somebody who sends these bytes, whatever he is asked, and goes when all are taken. */
    private void served(byte[] bytes) {
        Path fake = directory.resolve("fake");
        AtomicReference<Throwable> failed = new AtomicReference<>();
        LocalSocket socket = LocalSocket.listen(fake);
        Thread serving = new Thread(() -> {
            try (SocketChannel peer = socket.accept()) {
                drainAside(peer);
                ByteBuffer rest = ByteBuffer.wrap(bytes);
                while (rest.hasRemaining()) {
                    peer.write(rest);
                }
                peer.shutdownOutput();
                drain(peer);
            } catch (IOException e) {
                return; // he goes whenever he likes
            } catch (RuntimeException | Error e) {
                failed.set(e);
            }
        });
        serving.start();
        try {
            BackupSocket.backup(fake, scene.request(BackupKind.FULL, "b").conclude());
        } finally {
            socket.close();
            join(serving);
            assertEquals(null, failed.get());
        }
    }

    private static void drainAside(SocketChannel peer) {
        Thread draining = new Thread(() -> {
            try {
                drain(peer);
            } catch (IOException e) {
                return;
            }
        });
        draining.setDaemon(true);
        draining.start();
    }

    private static byte[] drain(SocketChannel peer) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer piece = ByteBuffer.allocate(64 << 10);
        while (peer.read(piece.clear()) >= 0) {
            all.write(piece.array(), 0, piece.position());
        }
        return all.toByteArray();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** What lies in the directory besides what belongs there. */
    private TreeSet<String> stored() throws IOException {
        TreeSet<String> names = names(directory);
        names.removeIf(name -> name.isEmpty() || name.equals("q.sock") || name.startsWith("here"));
        return names;
    }

    /** What both sides said in a backup that was good: theirs, ours. */
    private byte[][] recorded() throws IOException {
        Path between = directory.resolve("between");
        ByteArrayOutputStream theirs = new ByteArrayOutputStream();
        ByteArrayOutputStream ours = new ByteArrayOutputStream();
        try (LocalSocket socket = LocalSocket.listen(between)) {
            Thread relay = new Thread(() -> {
                try (SocketChannel client = socket.accept();
                        SocketChannel server = LocalSocket.connect(scene.path)) {
                    Thread back = new Thread(() -> relay(server, client, theirs));
                    back.start();
                    relay(client, server, ours);
                    join(back);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            relay.start();
            BackupSocket.backup(between, scene.request(BackupKind.FULL, "good").conclude());
            join(relay);
        }
        delete(directory.resolve("good"));
        return new byte[][] {theirs.toByteArray(), ours.toByteArray()};
    }

    private static void relay(SocketChannel from, SocketChannel to, ByteArrayOutputStream said) {
        ByteBuffer piece = ByteBuffer.allocate(64 << 10);
        try {
            while (from.read(piece.clear()) >= 0) {
                said.write(piece.array(), 0, piece.position());
                piece.flip();
                while (piece.hasRemaining()) {
                    to.write(piece);
                }
            }
            to.shutdownOutput();
        } catch (IOException e) {
            return; // whoever goes first
        }
    }

    private static void delete(Path tree) throws IOException {
        for (String name : names(tree).descendingSet()) {
            Files.delete(name.isEmpty() ? tree : tree.resolve(name));
        }
    }

    /** Changes something: a bit, a length, where it ends, what stands in a frame that verifies all the same. */
    private static byte[] mutant(byte[] good, SplittableRandom random) {
        byte[] bytes = good.clone();
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(5)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes = Arrays.copyOf(bytes, at);
            case 2 -> {
                int frame = frame(bytes, random);
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(frame + 4, random.nextInt());
            }
            default -> {
                int frame = frame(bytes, random);
                ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
                int length = buffer.getInt(frame + FrameLayout.BYTES_OFFSET);
                for (int i = random.nextInt(4); i >= 0; i--) {
                    int offset = FrameLayout.TYPE_OFFSET + random.nextInt(4 + Math.min(length, 60));
                    bytes[frame + offset] = (byte) (random.nextBoolean() ? random.nextInt() : -1);
                }
                buffer.putInt(
                        frame,
                        Checksum.crc32c(
                                bytes, frame + FrameLayout.BYTES_OFFSET, FrameLayout.HEADER_BYTES - 4 + length));
            }
        }
        return bytes;
    }

    /** Where one of the frames begins: rare ones as often as common ones, early ones more often. */
    private static int frame(byte[] bytes, SplittableRandom random) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int frames = 1 + random.nextInt(40);
        int at = HelloLayout.HELLO_BYTES;
        for (int i = 0; i < frames; i++) {
            int next = at + FrameLayout.HEADER_BYTES + buffer.getInt(at + FrameLayout.BYTES_OFFSET);
            if (next >= bytes.length) {
                return at;
            }
            at = next;
        }
        return at;
    }

    @Test
    void whateverAClientSaysTheServerMustGoOn() throws Exception {
        byte[] good = recorded()[1];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < CONVERSATIONS; i++) {
            byte[] said = i % 10 == 0 ? garbage(random) : mutant(good, random);
            try (SocketChannel peer = LocalSocket.connect(scene.path)) {
                Thread taking = new Thread(() -> say(peer, said));
                taking.start();
                drain(peer); // ends when the other side has ended it
                join(taking);
            } catch (IOException reset) {
                continue;
            } finally {
                scene.awaitFree();
            }
        }
        scene.commit(10);
        scene.take(BackupKind.FULL, "b");
        scene.holds("b", scene.commits());
    }

    private static void say(SocketChannel peer, byte[] said) {
        try {
            ByteBuffer rest = ByteBuffer.wrap(said);
            while (rest.hasRemaining()) {
                peer.write(rest);
            }
            peer.shutdownOutput();
        } catch (IOException e) {
            return; // he has had enough of it
        }
    }

    private static byte[] garbage(SplittableRandom random) {
        byte[] bytes = new byte[random.nextInt(2_000)];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void whateverAServerSaysTheClientMustNameItAndLeaveNothingOrABackupThatIsSound() throws Exception {
        byte[] good = recorded()[0];
        served(good);
        delete(directory.resolve("b"));
        SplittableRandom random = new SplittableRandom(2);
        int refused = 0;
        for (int i = 0; i < CONVERSATIONS; i++) {
            byte[] said = mutant(good, random);
            try {
                served(said);
                assertEquals(
                        List.of(),
                        BackupVerification.verify(FileStorage.instance(), directory.resolve("b"), Progress.NONE)
                                .faults(),
                        "conversation " + i);
            } catch (QuireException e) {
                refused++;
                boolean published = Files.exists(directory.resolve("b/manifest.json"));
                assertTrue(
                        published || stored().isEmpty(), "conversation " + i + " left " + names(directory) + " " + e);
            }
            delete(directory.resolve("b"));
        }
        assertTrue(refused > CONVERSATIONS / 2, "refused=" + refused);
    }
}
