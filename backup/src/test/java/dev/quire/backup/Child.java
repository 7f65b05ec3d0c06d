package dev.quire.backup;

import dev.quire.Instance;
import dev.quire.ReadTransaction;
import dev.quire.Value;
import dev.quire.WriteTransaction;
import dev.quire.backup.socket.BackupSocket;
import dev.quire.durable.BackupKind;
import dev.quire.io.Events;
import dev.quire.io.FileStorage;
import dev.quire.io.Progress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.logging.Level;
import java.util.logging.Logger;

/** What runs in a process of its own: to be killed, to be kept short, or to show that no flag is needed. */
final class Child {

    /** What begins and ends is told to whoever asks for it; the parent looks for what nobody asked for. */
    private static final Logger QUIET = Logger.getLogger(Events.LOGGER);

    private Child() {}

    /**
     * {@code load DIR THREADS FROM}, {@code backups DIR FROM}, {@code virtual DIR}, {@code small DIR WHAT} or {@code
     * once DIR}.
     */
    public static void main(String[] args) throws Exception {
        QUIET.setLevel(Level.WARNING);
        Path directory = Path.of(args[1]);
        switch (args[0]) {
            case "load" -> load(directory, Integer.parseInt(args[2]), Long.parseLong(args[3]), false);
            case "backups" -> load(directory, 2, Long.parseLong(args[2]), true);
            case "virtual" -> VirtualThreads.run(directory);
            case "small" -> SmallMemory.run(directory, args[2]);
            default -> once(directory);
        }
    }

    static Instance open(Path directory) {
        return Instance.configure(directory.resolve("here"))
                .memoryBytes(16 << 20)
                .logGenerationBytes(1 << 20)
                .guardHalfBytes(256 << 10)
                .checkpointBytes(1 << 20)
                .checkpointIntervalMs(100)
                .open();
    }

    /** The value of a number: long now and then. */
    static byte[] value(long number) {
        return Contents.noise(number, number % 50 == 0 ? 20_000 : 20 + (int) (number % 300));
    }

    static byte[] key(int thread, long number) {
        return ByteBuffer.allocate(12).putInt(thread).putLong(number).array();
    }

    private static void load(Path directory, int threads, long from, boolean backups) {
        Instance instance = open(directory);
        instance.openOrCreate("db");
        for (int i = 0; i < threads; i++) {
            int thread = i;
            new Thread(() -> commitForEver(instance, thread, from)).start();
        }
        if (!backups) {
            return;
        }
        for (int i = 0; ; i++) {
            Path destination = directory.resolve("backup" + from + '-' + i);
            Backup.full(instance, destination, Progress.NONE);
            acknowledge(-1, i);
        }
    }

    private static void commitForEver(Instance instance, int thread, long from) {
        for (long number = from; ; number++) {
            try (WriteTransaction tx = instance.beginWrite()) {
                tx.openOrCreateTable(instance.database("db"), "t").put(key(thread, number), value(number));
                if (ThreadLocalRandom.current().nextInt(200) == 0) {
                    tx.openOrCreateTable(instance.database("db"), "other").put(key(thread, number), value(1));
                }
                tx.commit();
            }
            acknowledge(thread, number);
        }
    }

    /** One line is one write to the pipe: what the parent can read was acknowledged. */
    private static void acknowledge(int thread, long number) {
        byte[] line = (thread + " " + number + '\n').getBytes(StandardCharsets.US_ASCII);
        System.out.write(line, 0, line.length);
        System.out.flush();
        if (System.out.checkError()) {
            Runtime.getRuntime().halt(3);
        }
    }

    /** Everything a user does, once. */
    private static void once(Path directory) {
        try (Instance instance = open(directory)) {
            instance.openOrCreate("db");
            try (WriteTransaction tx = instance.beginWrite()) {
                for (int i = 0; i < 2_000; i++) {
                    tx.openOrCreateTable(instance.database("db"), "t").put(key(0, i), value(i));
                }
                tx.commit();
            }
            Backup.full(instance, directory.resolve("backup"), Progress.NONE);
            Path path = directory.resolve("s");
            try (BackupSocket socket = BackupSocket.listen(instance, path)) {
                Path copy = directory.resolve("copy");
                BackupSocket.backup(
                        socket.path(),
                        BackupRequest.of(BackupKind.COPY)
                                .to(copy)
                                .createPathIfNotExist(true)
                                .conclude());
                require(BackupVerification.verify(FileStorage.instance(), copy, Progress.NONE)
                        .isSound());
            }
        }
        require(BackupVerification.verify(FileStorage.instance(), directory.resolve("backup"), Progress.NONE)
                .isSound());
        Restore.restore(FileStorage.instance(), directory.resolve("backup"), directory.resolve("back"), Progress.NONE);
        try (Instance back = Instance.open(directory.resolve("back"));
                ReadTransaction tx = back.beginRead()) {
            for (int i = 0; i < 2_000; i++) {
                Value value = tx.table(back.database("db"), "t").find(key(0, i));
                require(value != null && Arrays.equals(value(i), value.toBytes()));
            }
            require(back.check().isSound());
        }
    }

    static void require(boolean holds) {
        if (!holds) {
            throw new IllegalStateException("what was committed did not come back");
        }
    }
}
