package dev.quire.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** What backups are measured against, and what comes before each measurement. */
final class Bare {

    private static final int READ_BYTES = 256 * 1024;
    private static final long PIECE_BYTES = 64 << 20;
    private static final long SPARE_BYTES = 64 << 20;
    private static final int SETTLE_MS = 300;

    private Bare() {}

    /** A part of a file. */
    private record Piece(Path file, long from, long to) {}

    /** {@code cp -r}, then a force of every file and directory of the copy, without looking at a byte. */
    static void copy(Path from, Path to) throws IOException, InterruptedException {
        Process cp = new ProcessBuilder("cp", "-r", from.toString(), to.toString())
                .redirectErrorStream(true)
                .start();
        try (InputStream said = cp.getInputStream()) {
            String words = new String(said.readAllBytes(), StandardCharsets.UTF_8);
            if (cp.waitFor() != 0) {
                throw new IOException("cp: " + words);
            }
        }
        force(to);
    }

    /** Forces every file and directory of a tree, and the directory above it. */
    static void force(Path tree) throws IOException {
        List<Path> all = new ArrayList<>(Scratch.files(tree));
        try (Stream<Path> directories = Files.walk(tree)) {
            directories.filter(Files::isDirectory).forEach(all::add);
        }
        all.add(tree.toAbsolutePath().getParent());
        for (Path each : all) {
            try (FileChannel channel = FileChannel.open(each)) {
                channel.force(true);
            }
        }
    }

    /** Reads all of the files on so many threads, a CRC32C over every {@value #PIECE_BYTES} bytes. */
    static void readAndCrc(List<Path> files, int threads) throws Exception {
        List<Piece> pieces = new ArrayList<>();
        for (Path file : files) {
            long end = Files.size(file);
            for (long from = 0; from < end; from += PIECE_BYTES) {
                pieces.add(new Piece(file, from, Math.min(end, from + PIECE_BYTES)));
            }
        }
        AtomicLong next = new AtomicLong();
        Callable<Long> reader = () -> {
            ByteBuffer chunk = ByteBuffer.allocateDirect(READ_BYTES);
            long sum = 0;
            for (long i = next.getAndIncrement(); i < pieces.size(); i = next.getAndIncrement()) {
                sum += crc(pieces.get((int) i), chunk);
            }
            return sum;
        };
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (Future<Long> each : pool.invokeAll(Collections.nCopies(threads, reader))) {
                each.get();
            }
        } finally {
            pool.shutdown();
        }
    }

    private static long crc(Piece piece, ByteBuffer chunk) throws IOException {
        CRC32C crc = new CRC32C();
        try (FileChannel channel = FileChannel.open(piece.file())) {
            for (long at = piece.from(); at < piece.to(); ) {
                int count = channel.read(chunk.clear().limit((int) Math.min(READ_BYTES, piece.to() - at)), at);
                if (count < 0) {
                    throw new EOFException(piece.toString());
                }
                crc.update(chunk.flip());
                at += count;
            }
        }
        return crc.getValue();
    }

    /** Reads what will be read, so that it is in the system's cache. */
    static void read(Path tree) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(READ_BYTES);
        for (Path each : Scratch.files(tree)) {
            try (FileChannel file = FileChannel.open(each)) {
                for (int count = 0; count >= 0; count = file.read(chunk.clear())) {}
            }
        }
    }

    /** The bytes of the files of a tree. */
    static long bytes(Path tree) throws IOException {
        long sum = 0;
        for (Path file : Scratch.files(tree)) {
            sum += Files.size(file);
        }
        return sum;
    }

    /**
     * Deletes the copy of before and gives the disk time to know of it; reads the source; then touches as much memory
     * as a copy of it will take, at last, since the system gives away in a second what it does not use.
     */
    static void ready(Path copy, Path source) throws IOException, InterruptedException {
        Scratch.delete(copy);
        try (FileChannel directory = FileChannel.open(copy.toAbsolutePath().getParent())) {
            directory.force(true);
        }
        Thread.sleep(SETTLE_MS);
        read(source);
        touch(copy.resolveSibling("memory"), bytes(source) + SPARE_BYTES);
    }

    /** Memory for so many bytes of files, touched and free again; the disk sees nothing of it. */
    private static void touch(Path file, long bytes) throws IOException {
        Scratch.written(file, bytes, true).close();
        Scratch.delete(file);
    }
}
