package dev.quire.durable;

import dev.quire.io.LimitException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.StoreLock;
import dev.quire.io.log.LogSettings;
import dev.quire.io.log.LogWitness;
import dev.quire.io.log.LogWriter;
import dev.quire.io.log.Lsn;
import dev.quire.io.log.ZerosAhead;
import dev.quire.io.page.BackupStamp;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageFile;
import dev.quire.pages.CommitClock;
import dev.quire.pages.DatabasePages;
import dev.quire.pages.Frame;
import dev.quire.pages.FramePool;
import dev.quire.pages.Versions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.agrona.CloseHelper;

/**
 * An instance at work: the parts, wired, and the few operations that need several of them. What users may do and when
 * is decided above; here it is done.
 *
 * <p>Locks, in the order in which they are taken: the writer's permit, the checkpointer's, that of appending, the lock
 * of the versions, that of the checkpoint file. The log never calls upward holding one of its own but for the witness,
 * which takes the lock of the checkpoint file or that of the clock.
 */
public final class Engine implements AutoCloseable {

    private final EngineSettings settings;
    private final StoreLock lock;
    private final EngineThreads threads;
    private final Poison poison = new Poison();
    private final Versions versions;
    private final WriterEntry writer = new WriterEntry(this);
    private final BackupPlace backup = new BackupPlace();
    private final CommitTimes times;
    /** Held while a transaction or a record that stands for itself goes to the log: neither may split another. */
    private final ReentrantLock appending = new ReentrantLock();

    private final Map<Integer, DatabasePages> databases = new ConcurrentSkipListMap<>();
    private CheckpointFile slots;
    private Checkpointer checkpointer;
    private Attachments attachments;
    private LogWriter log;
    private LogRelease release;
    private Commits commits;
    private Pacemaker pacemaker;
    private RecoveryReport report;
    private final List<Mended> mended = new ArrayList<>();

    private Engine(EngineSettings settings, EngineThreads threads, StoreLock lock) {
        this.settings = settings;
        this.lock = lock;
        this.times = new CommitTimes(settings.clock());
        this.threads = threads;
        this.versions = new Versions(new FramePool(settings.memoryBytes()), new CommitClock(0));
    }

    /**
     * Opens the instance in {@link EngineSettings#directory()}, makes it if there is none, recovers it if it was not
     * closed.
     */
    public static Engine open(EngineSettings settings) {
        Engine engine = locked(settings, () -> Startup.directory(settings));
        try {
            engine.threads.run(engine::start);
            return engine;
        } catch (OutOfMemoryError e) {
            engine.abandon(e);
            throw new LimitException(
                    QuireError.OUT_OF_MEMORY,
                    settings.directory(),
                    "the process has too little memory, on the heap or outside, to open an instance: " + e.getMessage(),
                    e);
        } catch (RuntimeException | Error e) {
            engine.abandon(e);
            throw e;
        }
    }

    /**
     * Turns the files of an instance that was closed in order into one with a new log stream: another signature, an
     * empty log, no stamps of backups. Not safe against a crash: for files that are not published yet.
     */
    public static void beginNewStream(EngineSettings settings) {
        Engine engine = locked(settings, () -> {});
        try {
            engine.threads.run(engine::newStream);
        } catch (RuntimeException | Error e) {
            engine.abandon(e);
            throw e;
        }
        engine.release(null);
    }

    /** With its threads from the first step on: an interrupt of the caller must not end the force of a directory. */
    private static Engine locked(EngineSettings settings, Runnable before) {
        EngineThreads threads = new EngineThreads(
                settings.background(), String.valueOf(settings.directory().getFileName()));
        try {
            StoreLock lock = threads.call(() -> {
                before.run();
                return settings.storage().lock(settings.directory().resolve(Names.LOCK));
            });
            return new Engine(settings, threads, lock);
        } catch (RuntimeException | Error e) {
            threads.close();
            throw e;
        }
    }

    /** What opening had to do. */
    public RecoveryReport report() {
        return report;
    }

    /** What it was told. */
    public EngineSettings settings() {
        return settings;
    }

    /** The versions, with readers, clock and memory. */
    public Versions versions() {
        return versions;
    }

    /** The attached databases by number. */
    public Collection<DatabasePages> databases() {
        return databases.values();
    }

    /** The log, null when there is none. */
    public LogWriter log() {
        return log;
    }

    /** The one who brings pages to the files. */
    public Checkpointer checkpointer() {
        return checkpointer;
    }

    /** The one function that lets log disappear; null when there is no log. */
    public LogRelease release() {
        return release;
    }

    /** The place of the one backup. */
    public BackupPlace backup() {
        return backup;
    }

    /** Where recovery would start now. */
    public CheckpointSlot slot() {
        return slots.newest();
    }

    /** Whether writing has become impossible, and why. */
    public Poison poison() {
        return poison;
    }

    /** Threads on which channels are safe. */
    public EngineThreads threads() {
        return threads;
    }

    /** Position behind the last record of the log; without a log, of the last commit. */
    public long appended() {
        return log == null ? versions.clock().published() : log.appended();
    }

    /** Log behind the redo start, in bytes: what a recovery would have to read. */
    public long depthBytes() {
        return log == null ? 0 : distance(slots.newest().redoStart(), log.appended());
    }

    /**
     * Waits for the one place of a writer, whatever interrupts the caller.
     *
     * @param open throws if there is nothing to be begun; asked before, and again when the place is there
     * @throws dev.quire.io.LimitException {@code CHECKPOINT_DEPTH_TOO_DEEP}
     */
    public void beginWrite(Runnable open) {
        writer.begin(open);
    }

    /** Gives the place to the next writer. */
    public void endWrite() {
        writer.end();
        pacemaker.nudge();
    }

    /** Takes the writer's place if nobody has it. */
    public boolean tryBeginWrite() {
        return writer.tryBegin();
    }

    /** Gives back what {@link #tryBeginWrite} took, to whoever waits; he will find the instance closed. */
    public void leaveWrite() {
        writer.leave();
    }

    /** Whose transaction it is now that has the writer's place; null while it is handed over. */
    public void writerThread(Thread thread) {
        writer.thread(thread);
    }

    /** Refuses a task that needs the writer's place for itself on a thread that has it. */
    public void checkNotWriting() {
        writer.checkNotWriting();
    }

    /** Commits what {@code changed} have changed; the caller holds the writer's place. Returns the position behind. */
    public long commit(List<DatabasePages> changed, boolean lazy, String restorePoint) {
        appending.lock();
        try {
            return commits.commit(changed, lazy, restorePoint);
        } finally {
            appending.unlock();
        }
    }

    /**
     * Returns when the commit at {@code position} is durable.
     *
     * @throws dev.quire.io.UnavailableException {@code LOG_WRITE_FAIL} if that cannot be known any more
     */
    public void await(long position) {
        if (log != null && versions.clock().durable() < position) {
            try {
                log.await(position);
            } catch (QuireException e) {
                throw Commits.unknown(e);
            }
        }
    }

    /** Memory for a writer when there is none: forces, writes a checkpoint, waits a bounded time. May return null. */
    public Frame relieve(int length) {
        return writer.relieve(length);
    }

    /** Forces the log and runs a checkpoint, then releases log; returns the checkpoint's position. */
    public long checkpoint() {
        poison.check();
        if (log != null) {
            log.force();
        }
        return threads.call(() -> {
            try {
                long position = checkpointer.run();
                if (release != null) {
                    release.release();
                }
                return position;
            } catch (RuntimeException | Error e) {
                poison.set(e);
                throw e;
            }
        });
    }

    /**
     * Appends a record that stands for itself, forces it, and has {@code noted} do what follows from it before anything
     * behind it is published: so no checkpoint moves past the record without what it says. Returns its position.
     */
    long note(int type, ByteBuffer record, LongConsumer noted) {
        appending.lock();
        try {
            long position = append(type, record);
            orPoison(() -> noted.accept(position));
            return position;
        } finally {
            appending.unlock();
        }
    }

    /**
     * The same for a note that counts like a commit which changes nothing, so that the redo start can move behind it.
     * Whoever writes at the moment goes on, and commits on top of it.
     */
    long mark(ByteBuffer record) {
        appending.lock();
        try {
            long position = append(RecordLayout.MARK, record);
            orPoison(() -> versions.publish(List.of(), log.appended(), false));
            return position;
        } finally {
            appending.unlock();
        }
    }

    /** The log says it already: what cannot follow from it here must follow from it in recovery. */
    private void orPoison(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            poison.set(e);
            throw Commits.unknown(e);
        }
    }

    private long append(int type, ByteBuffer record) {
        poison.check();
        if (log == null) {
            return 0;
        }
        log.reserve(record.remaining(), 1);
        try {
            long position = log.append(type, record, record.position(), record.remaining());
            log.force();
            return position;
        } catch (RuntimeException | Error e) {
            poison.set(e);
            throw Commits.unknown(e);
        }
    }

    Attachments attachments() {
        return attachments;
    }

    Map<Integer, DatabasePages> byId() {
        return databases;
    }

    /** A slot that names the attachments of now, forced; used when there is no log to say so. */
    void noteAttachments() {
        threads.run(() -> slots.advance(next -> checkpointer.slot(next, next.redoStart(), false)));
    }

    /**
     * Ends the instance. Nobody may be using it. Without an earlier fault everything is brought to the files, and
     * opening again has nothing to do; with one, or when one happens now, it is left to recovery.
     */
    @Override
    public void close() {
        pacemaker.stop();
        Throwable fault = null;
        if (poison.cause() == null) {
            try {
                threads.run(this::closeInOrder);
            } catch (RuntimeException | Error e) {
                poison.set(e);
                fault = e;
            }
        }
        release(fault);
    }

    /** Ends the instance as a crash would: nothing more is written. */
    public void halt() {
        poison.set(new QuireException(QuireError.TERM_IN_PROGRESS, "the instance was halted"));
        if (log != null) {
            log.abandon();
        }
        pacemaker.stop();
        release(null);
    }

    private void start() {
        if (Startup.exists(settings)) {
            recover();
        } else {
            Startup.clearUnfinished(settings);
            create(Startup.firstSlot(settings));
        }
        if (log != null) {
            release = new LogRelease(slots, log, settings.circular(), this::backedUpBelow);
        }
        report = report.mending(mended);
        commits = new Commits(log, versions, threads, poison, times);
        pacemaker = new Pacemaker(this);
        pacemaker.start();
    }

    private void create(CheckpointSlot first) {
        Path directory = settings.directory();
        Path temporary = directory.resolve(Names.CHECKPOINT + Names.TEMPORARY_EXTENSION);
        slots = CheckpointFile.create(settings.storage(), temporary, first);
        attachments = new Attachments(first.attachments(), first.nextId());
        wire(TornPageGuard.create(
                settings.storage(), directory.resolve(Names.GUARD), first.signature(), settings.guardHalfBytes()));
        if (settings.logging()) {
            log = LogWriter.create(Startup.logSettings(settings, first), new Witness());
            versions.clock().reset(log.appended());
            slots.advance(next -> checkpointer.slot(next, log.appended(), false));
        }
        settings.storage().rename(temporary, directory.resolve(Names.CHECKPOINT));
        Startup.forceName(settings.storage(), directory.resolve(Names.CHECKPOINT));
        report = RecoveryReport.created();
    }

    private void newStream() {
        openSlots();
        switchStream();
        startStream();
        closeLog();
        databases.values().forEach(database -> setState(database, DatabaseHeader.State.CLEAN));
        slots.advance(next -> checkpointer.slot(next, log.appended(), true));
    }

    private void openSlots() {
        settings.storage().forceDirectory(settings.directory());
        Path path = settings.directory().resolve(Names.CHECKPOINT);
        slots = CheckpointFile.open(settings.storage(), path, Mended.into(mended, path));
        times.startAt(slots.newest().commitTimeMs());
    }

    /** Not forced yet. */
    private TornPageGuard openGuard() {
        return TornPageGuard.open(
                settings.storage(), guardPath(), slots.newest().signature());
    }

    private Path guardPath() {
        return settings.directory().resolve(Names.GUARD);
    }

    private void recover() {
        openSlots();
        if (slots.newest().unlogged()) {
            recoverUnlogged();
        } else if (slots.newest().generation() == 0) {
            startStream();
        } else {
            RecoverySteps steps = RecoverySteps.of(settings, slots);
            steps.run(() -> recoverLogged(steps));
        }
    }

    private void recoverLogged(RecoverySteps steps) {
        Startup.checkLog(settings);
        TornPageGuard guard = openGuard();
        Recovery recovery = new Recovery(settings, slots, guard, versions, mended, steps);
        recovery.force();
        try (ZerosAhead zeros = recovery.zerosAhead()) {
            recovery.survey();
            recovery.orClose(() -> {
                attachments =
                        new Attachments(recovery.found().all(), slots.newest().nextId());
                wire(guard);
            });
            redo(recovery, zeros);
        }
    }

    private void redo(Recovery recovery, ZerosAhead zeros) {
        CheckpointSlot slot = slots.newest();
        recovery.openDatabases();
        databases.putAll(recovery.databases());
        if (slot.clean()) {
            // Before anything of the log is touched: a crash from here on must find an instance that was in use. Not
            // before the headers are judged: an instance that is refused stays as it is.
            slots.advance(next -> next.started(next.generation(), next.forced()));
        }
        recovery.settle();
        boolean goesOn = settings.logging() && !recovery.lossy();
        if (goesOn) {
            LogSettings writing = Startup.logSettings(settings, slot);
            log = LogWriter.prepare(writing, new Witness(), recovery.log(), recovery.clean(), zeros);
        } else if (zeros != null) {
            zeros.close();
        }
        report = recovery.redo(checkpointer);
        times.startAt(recovery.found().lastTime());
        recovery.clearDropped();
        if (goesOn) {
            // What redo brought into memory is brought to the files by the next checkpoint, like any other commit.
            log.begin();
            versions.clock().reset(log.appended());
            databases.values().stream()
                    .filter(database -> database.file().header().state() != DatabaseHeader.State.DIRTY)
                    .forEach(database -> setState(database, DatabaseHeader.State.DIRTY));
        } else {
            leaveStream();
        }
    }

    /**
     * Everything is in the files: the old log has had its day, because there is to be none, or a hole was accepted in
     * it.
     */
    private void leaveStream() {
        checkpointer.run();
        databases.values().forEach(database -> setState(database, DatabaseHeader.State.CLEAN));
        if (settings.logging()) {
            slots.advance(next -> checkpointer.slot(next, next.redoStart(), true));
            databases.values().forEach(database -> database.file().close());
            databases.clear();
            RecoveryReport recovered = report;
            switchStream();
            startStream();
            report = recovered;
        } else {
            slots.advance(
                    next -> checkpointer.slot(next, next.redoStart(), true).withoutLog());
        }
    }

    private void recoverUnlogged() {
        CheckpointSlot slot = slots.newest();
        Recovery.checkClosed(settings, slot);
        if (settings.logging()) {
            switchStream();
            startStream();
            return;
        }
        attachments = new Attachments(slot.attachments(), slot.nextId());
        TornPageGuard guard = openGuard();
        guard.force();
        wire(guard);
        versions.clock().reset(slot.redoStart());
        openAttached(slot);
        report = RecoveryReport.created();
    }

    /**
     * Ends the log stream: the slot that begins the next one is forced before anything of the old one goes. A crash
     * behind it finds a stream without a generation and starts it.
     */
    private void switchStream() {
        Startup.checkClean(slots.newest(), settings.directory());
        CheckpointSlot first = Startup.firstSlot(settings);
        slots.advance(next -> next.ofStream(first.signature(), first.generationBytes()));
    }

    /** Starts the stream that the slot names: the files become its own, its first generation is made. */
    private void startStream() {
        CheckpointSlot slot = slots.newest();
        attachments = new Attachments(slot.attachments(), slot.nextId());
        if (checkpointer != null) {
            checkpointer.closeGuard();
        }
        wire(TornPageGuard.renew(settings.storage(), guardPath(), slot.signature()));
        Startup.clearLog(settings);
        for (Attachment attachment : slot.attachments()) {
            Startup.adopt(settings, attachment, slot.signature(), mended);
        }
        openAttached(slot);
        log = LogWriter.create(Startup.logSettings(settings, slot), new Witness());
        versions.clock().reset(log.appended());
        databases.values().forEach(database -> setState(database, DatabaseHeader.State.DIRTY));
        slots.advance(next -> checkpointer.slot(next, log.appended(), false));
        report = RecoveryReport.created();
    }

    private void openAttached(CheckpointSlot slot) {
        for (Attachment attachment : slot.attachments()) {
            Path path = Names.database(settings.directory(), attachment.name());
            DatabaseHeader header = DatabaseHeader.read(settings.storage(), path, Mended.into(mended, path));
            PageFile file = PageFile.open(settings.storage(), path, header);
            databases.put(
                    attachment.id(),
                    new DatabasePages(attachment.id(), attachment.name(), file, header.dbtimeBound(), versions));
        }
    }

    private void wire(TornPageGuard guard) {
        checkpointer = new Checkpointer(
                versions, slots, guard, new RangeLatch(), databases::values, attachments, times, poison);
    }

    /** What a file says of itself to whoever finds it without its log. */
    private static void setState(DatabasePages database, DatabaseHeader.State state) {
        DatabaseHeader header = database.file().header();
        database.file().writeHeader(header.withState(state));
    }

    private void closeInOrder() {
        if (log != null) {
            log.force();
        }
        checkpointer.run();
        if (release != null) {
            release.release(); // or an instance that is only ever opened and closed keeps all its log
        }
        for (DatabasePages database : databases.values()) {
            DatabaseHeader header = database.file().header();
            // What was written without a log is in no backup, and no log can bring a backup up to it.
            DatabaseHeader kept = log == null ? header.withoutStamps() : header;
            database.file()
                    .writeHeader(kept.withState(DatabaseHeader.State.CLEAN).withDbtimeBound(database.dbtime()));
        }
        if (log != null) {
            closeLog();
        }
        long end = log == null ? versions.clock().published() : log.appended();
        slots.advance(next -> checkpointer.slot(next, end, true));
    }

    /** Ends the log before a slot says so: what it made ready for the next opening is known to be whole then. */
    private void closeLog() {
        log.append(RecordLayout.CLOSE, ByteBuffer.allocate(Long.BYTES), 0, Long.BYTES);
        log.force();
        log.close();
        if (log.failure() != null) {
            throw log.failure();
        }
    }

    private void release(Throwable fault) {
        List<AutoCloseable> parts = new ArrayList<>();
        if (log != null) {
            parts.add(log);
        }
        databases.values().forEach(database -> parts.add(database.file()));
        if (checkpointer != null) {
            parts.add(checkpointer::close);
        } else if (slots != null) {
            parts.add(slots);
        }
        parts.add(threads);
        parts.add(versions.pool()::close);
        parts.add(lock);
        try {
            CloseHelper.closeAll(parts);
        } catch (RuntimeException e) {
            if (fault == null) {
                throw e;
            }
            fault.addSuppressed(e);
        }
        if (fault instanceof Error error) {
            throw error;
        }
        if (fault != null) {
            throw (RuntimeException) fault;
        }
    }

    private void abandon(Throwable fault) {
        try {
            poison.set(fault);
            if (log != null) {
                log.abandon();
            }
            release(null);
        } catch (RuntimeException e) {
            fault.addSuppressed(e);
        }
    }

    private int backedUpBelow() {
        int below = Integer.MAX_VALUE;
        for (DatabasePages database : databases.values()) {
            DatabaseHeader header = database.file().header();
            int full = high(header.full());
            int incremental = full == 0 ? 0 : high(header.incremental());
            below = Math.min(below, Math.max(full, incremental) + 1);
        }
        return below;
    }

    private static int high(BackupStamp stamp) {
        return stamp.generationHigh();
    }

    private long distance(long from, long to) {
        long generations = (long) Lsn.generation(to) - Lsn.generation(from);
        return generations * slots.newest().generationBytes() + Lsn.offset(to) - Lsn.offset(from);
    }

    /** How the log tells the engine what is durable. */
    private final class Witness implements LogWitness {

        @Override
        public byte[] context() {
            return BeginContext.encode(attachments, settings.circular());
        }

        @Override
        public void generationStarted(int generation, long forcedPosition) {
            slots.advance(next -> next.started(generation, forcedPosition));
        }

        @Override
        public void forcedTo(long position) {
            versions.clock().forced(position);
        }

        @Override
        public void failed(QuireException cause) {
            poison.set(cause);
        }
    }
}
