package dev.quire;

import dev.quire.durable.EngineSettings;
import dev.quire.durable.ReplayScope;
import dev.quire.io.FileStorage;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.page.PageLayout;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * How an instance is opened: set what should differ from the defaults, then {@link #open()}. Everything is validated
 * there, together; from then on the instance does not look at this object any more. Not thread-safe.
 */
public final class InstanceConfig {

    private static final int MIB = 1 << 20;
    private static final int DATABASES_MAX = 128;
    private static final long MEMORY_WAIT_MS_MAX = 3_600_000;

    private final Path directory;
    private Storage storage = FileStorage.instance();
    private int pageBytes = 8192;
    private long memoryBytes = 256L * MIB;
    private int logGenerationBytes = 16 * MIB;
    private long checkpointBytes = 64L * MIB;
    private long checkpointDepthBytesMax = 4096L * MIB;
    private long checkpointIntervalMs = 60_000;
    private int guardHalfBytes = 4 * MIB;
    private long memoryWaitMs = 10_000;
    private boolean circularLogging = true;
    private boolean logging = true;
    private boolean acceptLoss;
    private boolean background = true;
    private Progress progress = Progress.NONE;
    private LongSupplier clock = System::currentTimeMillis;
    private LongSupplier random = new SecureRandom()::nextLong;

    InstanceConfig(Path directory) {
        this.directory =
                Objects.requireNonNull(directory, "directory").toAbsolutePath().normalize();
    }

    /** Bytes of a page of databases made from now on: 4, 8, 16, 32 or 64 KiB; default 8 KiB. */
    public InstanceConfig pageBytes(int bytes) {
        pageBytes = bytes;
        return this;
    }

    /**
     * Memory outside the heap for changed pages: 8 MiB or more; default 256 MiB. One transaction may change at most
     * half of it in a database; a raw page that it writes into counts twice until it commits, for the heap holds what
     * is written.
     */
    public InstanceConfig memoryBytes(long bytes) {
        memoryBytes = bytes;
        return this;
    }

    /**
     * Size of a log generation: 1 MiB to 1 GiB, a multiple of 4096; default 16 MiB. Counts when an instance is made.
     */
    public InstanceConfig logGenerationBytes(int bytes) {
        logGenerationBytes = bytes;
        return this;
    }

    /** Log after which a checkpoint runs: 1 MiB or more; default 64 MiB. Recovery reads about so much. */
    public InstanceConfig checkpointBytes(long bytes) {
        checkpointBytes = bytes;
        return this;
    }

    /**
     * Log behind the last checkpoint beyond which writers are refused, because a reader holds it back; default 4 GiB.
     */
    public InstanceConfig checkpointDepthBytesMax(long bytes) {
        checkpointDepthBytesMax = bytes;
        return this;
    }

    /** Time after which a checkpoint runs, in milliseconds: 100 or more; default one minute. */
    public InstanceConfig checkpointIntervalMs(long ms) {
        checkpointIntervalMs = ms;
        return this;
    }

    /** How long a writer waits for memory before it fails, in milliseconds: an hour at most; default ten seconds. */
    public InstanceConfig memoryWaitMs(long ms) {
        memoryWaitMs = ms;
        return this;
    }

    /**
     * Whether log that no checkpoint needs is recycled without having been backed up; default true. Switch it off to
     * take incremental backups: the log then stays until one of them has it.
     */
    public InstanceConfig circularLogging(boolean on) {
        circularLogging = on;
        return this;
    }

    /**
     * Whether there is a log; default true. Without one commits cost little, no backup is possible, and a crash loses
     * the databases that were written to.
     */
    public InstanceConfig logging(boolean on) {
        logging = on;
        return this;
    }

    /** Opens although log with acknowledged commits is missing; {@link Instance#recovery()} says how much was lost. */
    public InstanceConfig acceptLoss(boolean accept) {
        acceptLoss = accept;
        return this;
    }

    /** Where everything is kept; default is the file system. For tests against a simulated disk. */
    public InstanceConfig storage(Storage where) {
        storage = Objects.requireNonNull(where, "storage");
        return this;
    }

    /**
     * Who follows the recovery of an instance that was not closed, and may end it: it is as before then, and can be
     * recovered again. It is told in phase {@code REPLAY} how many bytes of the log were read, which is what counts for
     * its limit: not what lies in the last file behind the end of the log, nor the pages that are read and written for
     * it. What is forced before, and the making ready behind, can be neither counted nor ended: it takes what the disk
     * takes to bring a cache and one file of the log to the medium. An instance that was closed tells nothing.
     */
    public InstanceConfig progress(Progress listener) {
        progress = Objects.requireNonNull(listener, "progress");
        return this;
    }

    /**
     * Whether the instance has threads of its own; default true. Without them nothing happens but on the caller's
     * thread: checkpoints run when they are asked for, and lazy commits become durable with the next force. For tests.
     */
    public InstanceConfig background(boolean on) {
        background = on;
        return this;
    }

    /** Milliseconds since 1970, for the times in log and headers. For tests. */
    public InstanceConfig clock(LongSupplier millis) {
        clock = Objects.requireNonNull(millis, "clock");
        return this;
    }

    /** Source of signatures; they must differ from one another. For tests. */
    public InstanceConfig random(LongSupplier source) {
        random = Objects.requireNonNull(source, "random");
        return this;
    }

    /** Size of one half of the torn-page guard: 256 KiB to 64 MiB, a power of two; default 4 MiB. */
    public InstanceConfig guardHalfBytes(int bytes) {
        guardHalfBytes = bytes;
        return this;
    }

    /**
     * Opens the instance; makes it when the directory is missing or empty, recovers it when it was not closed.
     *
     * @throws QuireException {@code SYSTEM_PARAMETER_CONFLICT} if the settings do not go together; else what opening
     *     met
     */
    public Instance open() {
        return new Instance(conclude(progress), pageBytes);
    }

    /**
     * The same on a thread of its own; meanwhile it can be seen, followed and ended.
     *
     * @throws QuireException {@code SYSTEM_PARAMETER_CONFLICT}
     */
    public Opening start() {
        return Opening.start(progress, this::conclude, pageBytes);
    }

    EngineSettings conclude(Progress followed) {
        require(PageLayout.isPageSize(pageBytes), "pageBytes=" + pageBytes);
        require(memoryBytes >= 8L * MIB, "memoryBytes=" + memoryBytes);
        require(
                logGenerationBytes >= MIB && logGenerationBytes <= 1024 * MIB && logGenerationBytes % 4096 == 0,
                "logGenerationBytes=" + logGenerationBytes);
        require(checkpointBytes >= MIB, "checkpointBytes=" + checkpointBytes);
        require(
                checkpointDepthBytesMax >= 2 * checkpointBytes,
                "checkpointDepthBytesMax=" + checkpointDepthBytesMax + " checkpointBytes=" + checkpointBytes);
        require(checkpointIntervalMs >= 100, "checkpointIntervalMs=" + checkpointIntervalMs);
        require(memoryWaitMs >= 0 && memoryWaitMs <= MEMORY_WAIT_MS_MAX, "memoryWaitMs=" + memoryWaitMs);
        boolean half = guardHalfBytes >= MIB / 4 && guardHalfBytes <= 64 * MIB && Integer.bitCount(guardHalfBytes) == 1;
        require(half, "guardHalfBytes=" + guardHalfBytes);
        require(logging || !acceptLoss, "logging=false acceptLoss=true");
        return new EngineSettings(
                storage,
                directory,
                logGenerationBytes,
                memoryBytes,
                guardHalfBytes,
                checkpointBytes,
                checkpointDepthBytesMax,
                checkpointIntervalMs,
                memoryWaitMs,
                DATABASES_MAX,
                circularLogging,
                logging,
                acceptLoss,
                ReplayScope.ALL,
                background,
                followed,
                clock,
                random);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new QuireException(QuireError.SYSTEM_PARAMETER_CONFLICT, what);
        }
    }
}
