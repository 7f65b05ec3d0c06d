package dev.quire.backup.socket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.ReadTransaction;
import dev.quire.Table;
import dev.quire.WritableTable;
import dev.quire.WriteTransaction;
import dev.quire.backup.BackupReport;
import dev.quire.backup.BackupRequest;
import dev.quire.backup.BackupVerification;
import dev.quire.backup.Restore;
import dev.quire.durable.BackupKind;
import dev.quire.io.FileStorage;
import dev.quire.io.LocalSocket;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;

/**
 * An instance on real files that listens on a socket. Its n-th commit adds an entry whose bytes follow from n, and
 * moves a counter: so what is restored tells which commits it holds.
 */
final class SocketScene implements AutoCloseable {

    static final Duration LEASE = Duration.ofMinutes(5);

    private static final byte[] COUNTER = {0};

    final Path directory;
    final Path path;
    final Instance instance;
    BackupSocket socket;
    private long commits;
    private int restored;

    SocketScene(Path directory) {
        this(directory, LEASE);
    }

    SocketScene(Path directory, Duration lease) {
        this.directory = directory;
        this.path = directory.resolve("q.sock");
        this.instance = Instance.configure(directory.resolve("here"))
                .memoryBytes(16 << 20)
                .logGenerationBytes(1 << 20)
                .guardHalfBytes(256 << 10)
                .circularLogging(false)
                .open();
        instance.createDatabase("db", 4096);
        instance.createDatabase("other", 16384);
        commit(300);
        try (WriteTransaction tx = instance.beginWrite()) { // more than a socket takes ahead
            tx.openOrCreateTable(instance.database("db"), "long").put(COUNTER, new byte[4 << 20]);
            tx.commit();
        }
        instance.checkpoint();
        socket = BackupSocket.listen(instance, path, lease);
    }

    /** So many commits more; some of them long, some free pages again. */
    void commit(int count) {
        for (int i = 0; i < count; i++) {
            try (WriteTransaction tx = instance.beginWrite()) {
                for (String name : List.of("db", "other")) {
                    WritableTable table = tx.openOrCreateTable(instance.database(name), "t");
                    table.put(key(commits), value(commits));
                    table.put(COUNTER, key(commits));
                    table.put(new byte[] {1, (byte) (commits % 5)}, new byte[(int) (commits * 977 % 90_000)]);
                }
                commits++;
                tx.commit();
            }
        }
        instance.checkpoint();
    }

    BackupRequest.Draft request(BackupKind kind, String to) {
        return BackupRequest.of(kind).to(directory.resolve(to)).createPathIfNotExist(kind.hasPages());
    }

    BackupReport take(BackupKind kind, String to) {
        return BackupSocket.backup(path, request(kind, to).conclude());
    }

    /** Connects, and leaves it to the caller what to say; hello and welcome are behind him. */
    Wire raw() throws IOException {
        Wire wire = new Wire(LocalSocket.connect(path), path, idle -> {});
        wire.hello(Wire.VERSION, Wire.VERSION);
        wire.greeted(Wire.VERSION, Wire.VERSION);
        assertEquals(Message.WELCOME, wire.next());
        return wire;
    }

    /** Begins a full over it; returns the names of the files. */
    static List<ExternalName> begin(Wire wire) throws IOException {
        wire.begin(BeginLayout.LABEL_OFFSET).putInt(BeginLayout.KIND_FULL).putInt(0);
        wire.end(Message.BEGIN);
        assertEquals(Message.BEGUN, wire.receive());
        return names(wire, Message.DATABASES);
    }

    /** A file that was named. */
    record ExternalName(String name, long bytes) {}

    static List<ExternalName> names(Wire wire, Message question) throws IOException {
        wire.send(question);
        List<ExternalName> names = new ArrayList<>();
        while (wire.receive() == Message.FILE) {
            names.add(new ExternalName(
                    wire.text(FileLayout.NAME_OFFSET, wire.payload().limit() - FileLayout.NAME_OFFSET),
                    wire.payload().getLong(FileLayout.BYTES_OFFSET)));
        }
        return names;
    }

    /** What is there is sound, and gives back every commit up to one at or behind {@code least}. */
    void holds(String backup, long least) {
        Path from = directory.resolve(backup);
        FileStorage disk = FileStorage.instance();
        assertEquals(
                List.of(), BackupVerification.verify(disk, from, Progress.NONE).faults());
        Path to = directory.resolve("restored" + restored++);
        Restore.restore(disk, from, to, Progress.NONE);
        try (Instance back = Instance.open(to);
                ReadTransaction tx = back.beginRead()) {
            assertEquals(List.of(), back.check().faults());
            for (String name : List.of("db", "other")) {
                Table table = tx.table(back.database(name), "t");
                long count = ByteBuffer.wrap(table.get(COUNTER)).getLong(2) + 1;
                assertTrue(count >= least, "count=" + count + " least=" + least);
                for (long i = 0; i < count; i++) {
                    assertArrayEquals(value(i), table.get(key(i)), name + " commit " + i);
                }
                assertFalse(table.contains(key(count)));
            }
        }
    }

    long commits() {
        return commits;
    }

    boolean isTaken() {
        return instance.engine().backup().isTaken();
    }

    /** Returns when no backup runs any more. */
    void awaitFree() throws InterruptedException {
        while (isTaken()) {
            Thread.sleep(5);
        }
    }

    /** What stands in a directory and below, by name. */
    static TreeSet<String> names(Path directory) throws IOException {
        TreeSet<String> names = new TreeSet<>();
        if (Files.exists(directory)) {
            try (Stream<Path> walk = Files.walk(directory)) {
                walk.forEach(each -> names.add(directory.relativize(each).toString()));
            }
        }
        return names;
    }

    static QuireException refused(QuireError error, Executable call) {
        QuireException e = assertThrows(QuireException.class, call);
        assertEquals(error, e.error(), e::toString);
        return e;
    }

    private static byte[] key(long number) {
        return ByteBuffer.allocate(10).putShort((short) 0x7000).putLong(number).array();
    }

    private static byte[] value(long number) {
        byte[] value = new byte[100 + (int) (number % 50) * 20];
        new SplittableRandom(number).nextBytes(value);
        return value;
    }

    @Override
    public void close() {
        socket.close();
        instance.closeStoppingBackup();
    }
}
