package dev.quire.io.log;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.Storage;
import dev.quire.io.Storage.Access;
import dev.quire.io.Storage.Kind;
import dev.quire.io.StoreFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.regex.Pattern;

/** The files of a log by their names, and single ones of them read. Reading is for any thread. */
public final class LogFiles {

    /** A generation being built. Left behind only by a crash, and worth nothing then. */
    static final String TEMPORARY_NAME = "next.tmp";

    private static final String SUFFIX = ".qlog";
    private static final String SPARE_SUFFIX = ".spare";
    private static final int FORCES_MAX = 4;
    private static final int HEX = 16;
    private static final int DIGITS = 8;
    private static final Pattern GENERATION_NAME = Pattern.compile("[0-7][0-9a-f]{7}\\.qlog");
    private static final Pattern SPARE_NAME = Pattern.compile("[0-7][0-9a-f]{7}\\.spare");

    private LogFiles() {}

    /** The name of a generation's file: its number in eight hexadecimal digits, so that names sort as numbers do. */
    public static String name(int generation) {
        return String.format("%08x", generation) + SUFFIX;
    }

    /** Where a generation's file is. */
    public static Path path(Path directory, int generation) {
        return directory.resolve(name(generation));
    }

    static String spareName(int generation) {
        return String.format("%08x", generation) + SPARE_SUFFIX;
    }

    static boolean isSpare(String name) {
        return SPARE_NAME.matcher(name).matches();
    }

    /** The number in a name, or -1 if it is not the name of a generation. */
    public static int generation(String name) {
        return GENERATION_NAME.matcher(name).matches() ? Integer.parseInt(name.substring(0, DIGITS), HEX) : -1;
    }

    /** Whether a log gives such names to its files: only these are its own, to be deleted or written again. */
    public static boolean isOfLog(String name) {
        return generation(name) >= 0 || isSpare(name) || name.equals(TEMPORARY_NAME);
    }

    /**
     * The numbers of the generation files in a directory, ascending. The highest may be built ahead and not started.
     */
    public static int[] list(Storage storage, Path directory) {
        return storage.list(directory).stream()
                .mapToInt(LogFiles::generation)
                .filter(generation -> generation > 0)
                .sorted()
                .toArray();
    }

    /** As {@link #forceAll(LogSettings, List)}, for the log alone. */
    static void forceAll(LogSettings settings) {
        forceAll(settings, List.of());
    }

    /**
     * Forces every generation file and the directory, and {@code others} on the way: before recovery believes what it
     * reads, it must stand on the medium and not only in the cache that a killed process left. Several at once, since
     * each waits for the disk and hardly any has anything to bring there. For threads of the engine.
     */
    public static void forceAll(LogSettings settings, List<Path> others) {
        List<Path> files = new ArrayList<>(others);
        for (int generation : list(settings.storage(), settings.directory())) {
            files.add(path(settings.directory(), generation));
        }
        AtomicInteger next = new AtomicInteger();
        Runnable worker = () -> {
            for (int i = next.getAndIncrement(); i < files.size(); i = next.getAndIncrement()) {
                force(settings.storage(), files.get(i));
            }
        };
        int threads = settings.background() ? Math.min(FORCES_MAX, files.size()) : 1;
        LogThreads.together(Collections.nCopies(Math.max(1, threads), worker), () -> {});
        settings.storage().forceDirectory(settings.directory());
    }

    private static void force(Storage storage, Path path) {
        if (storage.kind(path) == Kind.FILE) {
            try (StoreFile file = storage.open(path, Access.WRITE)) {
                file.force();
            }
        }
    }

    /**
     * Verifies one closed generation by itself, or a copy of it that ends at the closing offset: header, Begin and
     * every batch of {@code [0, closingOffset)}.
     *
     * @return what it is, to be compared with {@link GenerationStart#previous} of the next
     * @throws CorruptionException naming what does not verify
     */
    public static GenerationInfo verify(Storage storage, Path file, long signature, int generation, int closingOffset) {
        return verify(
                storage,
                file,
                signature,
                generation,
                closingOffset,
                (lsn, type, buffer, offset, length) -> {},
                bytes -> {});
    }

    /**
     * The same, and hands on the records of each batch as soon as that verifies: what {@code handler} was shown counts
     * only if this returns.
     *
     * @param walked told how many bytes were read, all of them together up to the closing offset; may take its time
     */
    public static GenerationInfo verify(
            Storage storage,
            Path file,
            long signature,
            int generation,
            int closingOffset,
            RecordHandler handler,
            IntConsumer walked) {
        try (GenerationReader reader = new GenerationReader(storage, file, GenerationReader.WINDOW_BYTES)) {
            accept(reader, signature, generation);
            BatchWalk walk = new BatchWalk(reader);
            Begin begin = begin(reader, walk);
            walked.accept(walk.offset());
            advanceTo(reader, walk, closingOffset, handler, walked);
            return new GenerationInfo(generation, closingOffset, begin.createdMillis(), walk.chain());
        }
    }

    /**
     * What a started generation says about itself and its predecessor.
     *
     * @throws CorruptionException if header or Begin does not verify
     */
    public static GenerationStart start(Storage storage, Path file, long signature, int generation) {
        try (GenerationReader reader = new GenerationReader(storage, file, GenerationReader.BEGIN_WINDOW_BYTES)) {
            accept(reader, signature, generation);
            return start(reader);
        }
    }

    /** The same for a file of whatever stream and generation it says it is: for people who look at one. */
    public static GenerationStart start(Storage storage, Path file) {
        try (GenerationReader reader = new GenerationReader(storage, file, GenerationReader.BEGIN_WINDOW_BYTES)) {
            LogFault fault = reader.openAny();
            if (fault != null) {
                throw fault.exception(file, 0, "");
            }
            return start(reader);
        }
    }

    private static GenerationStart start(GenerationReader reader) {
        Begin begin = begin(reader, new BatchWalk(reader));
        return new GenerationStart(
                reader.generation(),
                reader.generationBytes(),
                reader.signature(),
                begin.createdMillis(),
                begin.previous(),
                begin.context());
    }

    /**
     * Hands on the records of one verified generation with {@code from <= lsn < to}.
     *
     * @throws CorruptionException {@code LOG_READ_VERIFY_FAILURE} if the bytes are not what {@code info} stands for
     */
    public static void read(Storage storage, Path file, long signature, GenerationInfo info, RecordHandler handler) {
        try (GenerationReader reader = new GenerationReader(storage, file, GenerationReader.WINDOW_BYTES)) {
            walk(reader, signature, info, Long.MAX_VALUE, walk -> walk.records(Lsn.NONE, Long.MAX_VALUE, handler));
        }
    }

    /** Goes through the batches below {@code to} once more, after the generation has been found to be {@code info}. */
    static void walk(
            GenerationReader reader, long signature, GenerationInfo info, long to, Consumer<BatchWalk> batches) {
        accept(reader, signature, info.generation());
        BatchWalk walk = new BatchWalk(reader);
        while (advance(reader, walk, info, to)) {
            batches.accept(walk);
        }
    }

    /** Goes on to the next batch below {@code to} of a generation found to be {@code info}; false if there is none. */
    static boolean advance(GenerationReader reader, BatchWalk walk, GenerationInfo info, long to) {
        if (walk.offset() >= info.closingOffset() || Lsn.of(info.generation(), walk.offset()) >= to) {
            return false;
        }
        if (!walk.advance()) {
            throw walk.fault()
                    .as(QuireError.LOG_READ_VERIFY_FAILURE)
                    .exception(reader.path(), info.generation(), "it verified before");
        }
        return true;
    }

    static void accept(GenerationReader reader, long signature, int generation) {
        LogFault fault = reader.open(signature, generation);
        if (fault != null) {
            throw fault.exception(reader.path(), generation, "");
        }
    }

    private static Begin begin(GenerationReader reader, BatchWalk walk) {
        Begin begin = walk.advance() ? walk.begin() : null;
        if (begin == null) {
            LogFault fault = walk.fault() != null ? walk.fault() : BatchWalk.noBegin();
            throw fault.exception(reader.path(), reader.generation(), "");
        }
        return begin;
    }

    private static void advanceTo(
            GenerationReader reader, BatchWalk walk, int closingOffset, RecordHandler handler, IntConsumer walked) {
        while (walk.offset() < closingOffset) {
            int from = walk.offset();
            if (!walk.advance()) {
                String because = "the log is closed at 0x" + Integer.toHexString(closingOffset);
                throw walk.fault().exception(reader.path(), reader.generation(), because);
            }
            walk.records(Lsn.NONE, Long.MAX_VALUE, handler);
            walked.accept(walk.offset() - from);
        }
        if (walk.offset() != closingOffset) {
            throw LogFault.differs(walk.offset(), "closing offset", closingOffset, walk.offset())
                    .exception(reader.path(), reader.generation(), "");
        }
    }
}
