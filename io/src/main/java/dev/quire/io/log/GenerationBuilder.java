package dev.quire.io.log;

import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.Storage.Access;
import dev.quire.io.Storage.Kind;
import dev.quire.io.StorageFullException;
import dev.quire.io.StoreFile;
import dev.quire.io.UnavailableException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Makes generation files. A file gets its final name only when its header and every zero in it are forced, so a name
 * that a crash leaves behind is that of a usable file. One thread builds at a time; another may release meanwhile.
 */
final class GenerationBuilder {

    /** Files kept to be written again instead of new zeros: more would only take room. */
    private static final int SPARES_MAX = 2;

    /** How often a builder looks whether it should stop. */
    private static final int PIECE_BYTES = 1 << 20;

    private final LogSettings settings;
    private final Storage storage;
    private final Path directory;
    private final Path temporary;
    private final ReentrantLock lock = new ReentrantLock();
    private final ReentrantLock names = new ReentrantLock();
    private final ArrayDeque<Path> spares = new ArrayDeque<>();
    private volatile boolean stopping;
    private volatile boolean namesInDoubt;

    GenerationBuilder(LogSettings settings) {
        this.settings = settings;
        storage = settings.storage();
        directory = settings.directory();
        temporary = directory.resolve(LogFiles.TEMPORARY_NAME);
    }

    /**
     * Tidies the directory of a stream whose last started generation is {@code last}: an unfinished file goes.
     * Generations built ahead stay if they follow one another and are what we would build, and after a clean close
     * files to recycle. After a crash a generation stays only if it says that it is ready, and no other file does: if
     * it was a failed force of the directory that ended the last process, a name that we see may not be on the medium,
     * and no force of ours would bring it there.
     *
     * @param zeros a file of zeros that was made just now and stays, or null
     * @return how many generations behind {@code last} stand ready
     */
    int adopt(int last, boolean closedCleanly, Path zeros) {
        int ready = 0;
        for (String name : storage.list(directory)) {
            Path file = directory.resolve(name);
            int generation = LogFiles.generation(name);
            if (generation > last) {
                boolean kept = usable(file, generation, closedCleanly) && generation == last + 1 + ready;
                ready += keepOrDelete(file, kept);
            } else if (LogFiles.isSpare(name)) {
                boolean kept = file.equals(zeros) || closedCleanly && spares.size() < SPARES_MAX && fits(file);
                if (keepOrDelete(file, kept) > 0) {
                    spares.add(file);
                }
            } else if (name.equals(LogFiles.TEMPORARY_NAME)) {
                storage.delete(file);
            }
        }
        forceNames();
        return ready;
    }

    private int keepOrDelete(Path file, boolean kept) {
        if (!kept) {
            storage.delete(file);
        }
        return kept ? 1 : 0;
    }

    private boolean fits(Path file) {
        if (storage.kind(file) != Kind.FILE) {
            return false;
        }
        try (StoreFile opened = storage.open(file, Access.READ)) {
            return opened.size() == settings.generationBytes();
        }
    }

    /** What we would build; marked as ready unless its name is known to be {@code named}. */
    private boolean usable(Path file, int generation, boolean named) {
        if (storage.kind(file) != Kind.FILE) {
            return false;
        }
        try (GenerationReader reader = new GenerationReader(storage, file, GenerationLayout.HEADER_BYTES)) {
            LogFault fault = reader.open(settings.signature(), generation);
            if (fault != null && fault.error() == QuireError.BAD_LOG_SIGNATURE) {
                throw fault.exception(file, generation, "it stands where the log goes on");
            }
            return fault == null
                    && reader.generationBytes() == settings.generationBytes()
                    && reader.fileBytes() == settings.generationBytes()
                    && (named || ReadyMark.isIn(reader));
        }
    }

    /**
     * Builds one generation under its final name.
     *
     * @return whether it is there; false if {@link #stop} came first
     * @throws StorageFullException if there is no room; nothing of it is left behind
     */
    boolean build(int generation) {
        Path spare = pollSpare();
        try {
            if (!fill(generation, spare)) {
                storage.delete(temporary);
                return false;
            }
            storage.rename(temporary, LogFiles.path(directory, generation));
        } catch (StorageFullException e) {
            tidy(spare);
            throw e;
        }
        forceNames();
        markReady(generation);
        return true;
    }

    /** Not forced: what it says was true before it was written. */
    private void markReady(int generation) {
        try (StoreFile file = storage.open(LogFiles.path(directory, generation), Access.WRITE)) {
            file.write(ReadyMark.encode(settings.signature(), generation), LogLayout.FIRST_BATCH_OFFSET);
        } catch (StorageFullException e) {
            discard(generation); // where the mark finds no room, Begin would find none
            throw e;
        }
    }

    private void tidy(Path spare) {
        if (storage.kind(temporary) == Kind.FILE) {
            storage.delete(temporary);
        } else if (spare != null) {
            giveBack(spare);
        }
    }

    private boolean fill(int generation, Path spare) {
        if (spare != null) {
            storage.rename(spare, temporary);
        }
        try (StoreFile file = spare == null ? storage.create(temporary) : storage.open(temporary, Access.WRITE)) {
            if (spare == null && !zero(file, settings.generationBytes(), () -> stopping)) {
                return false;
            }
            ByteBuffer header = GenerationHeader.encode(settings.signature(), generation, settings.generationBytes());
            file.write(header, 0);
            file.force();
            return true;
        }
    }

    /** Writes so many zeros; false if it was told to stop before. */
    static boolean zero(StoreFile file, int bytes, BooleanSupplier stopping) {
        for (long from = 0; from < bytes; from += PIECE_BYTES) {
            if (stopping.getAsBoolean()) {
                return false;
            }
            file.allocate(from, Math.min(bytes, from + PIECE_BYTES));
        }
        return true;
    }

    private Path pollSpare() {
        lock.lock();
        try {
            return spares.poll();
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(Path spare) {
        lock.lock();
        try {
            spares.addFirst(spare);
        } finally {
            lock.unlock();
        }
    }

    /** Removes a generation that was built and will not be used. */
    void discard(int generation) {
        storage.delete(LogFiles.path(directory, generation));
        forceNames();
    }

    /**
     * Keeps the files of generations below {@code below} for recycling, as far as they are wanted; deletes the rest.
     */
    void release(int below) {
        lock.lock();
        try {
            List<Path> kept = new ArrayList<>();
            boolean any = false;
            for (int generation : LogFiles.list(storage, directory)) {
                if (generation < below) {
                    any = true;
                    releaseOne(generation, kept);
                }
            }
            if (any) {
                forceNames();
                spares.addAll(kept);
            }
        } finally {
            lock.unlock();
        }
    }

    /** A spare is written only after its old name is durably gone: until then that name must show the old bytes. */
    private void releaseOne(int generation, List<Path> kept) {
        Path file = LogFiles.path(directory, generation);
        if (spares.size() + kept.size() < SPARES_MAX && fits(file)) {
            Path spare = directory.resolve(LogFiles.spareName(generation));
            storage.rename(file, spare);
            kept.add(spare);
        } else {
            storage.delete(file);
        }
    }

    /** One after the other, and none after one that failed: it would succeed over names that are lost. */
    private void forceNames() {
        names.lock();
        try {
            if (namesInDoubt) {
                String message = "names of log files could not be made durable before";
                throw new UnavailableException(QuireError.LOG_WRITE_FAIL, directory, message, null);
            }
            storage.forceDirectory(directory);
        } catch (RuntimeException e) {
            namesInDoubt = true;
            throw e;
        } finally {
            names.unlock();
        }
    }

    /** Whether an attempt to make names durable has failed: no later one would prove anything. */
    boolean namesInDoubt() {
        return namesInDoubt;
    }

    /** Makes a running build end soon. */
    void stop() {
        stopping = true;
    }
}
