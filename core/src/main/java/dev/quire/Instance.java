package dev.quire;

import dev.quire.durable.Databases;
import dev.quire.durable.Engine;
import dev.quire.durable.EngineSettings;
import dev.quire.durable.RecoveryReport;
import dev.quire.io.InUseException;
import dev.quire.io.NotFoundException;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.page.PageLayout;
import dev.quire.pages.DatabasePages;
import dev.quire.pages.Versions;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * A directory with databases and one log, open in this process and in no other.
 *
 * <pre>{@code
 * try (Instance instance = Instance.open(directory)) {
 *     Database people = instance.openOrCreate("people");
 *     try (WriteTransaction tx = instance.beginWrite()) {
 *         tx.createTable(people, "names").put(key, value);
 *         tx.commit();
 *     }
 * }
 * }</pre>
 *
 * <p>Any thread may call anything here. One write transaction runs at a time, any number of read transactions beside
 * it; neither kind waits for the other.
 */
public final class Instance implements AutoCloseable {

    private final Engine engine;
    private final Databases databases;
    private final Gate gate;
    private final Runnable open;
    private final int pageBytes;
    private final ReentrantLock closing = new ReentrantLock();
    private final Map<DatabasePages, KeptWriters> writers = new IdentityHashMap<>();

    Instance(EngineSettings settings, int pageBytes) {
        this.engine = Engine.open(settings);
        this.databases = new Databases(engine);
        this.gate = new Gate(engine.versions());
        this.open = gate::check;
        this.pageBytes = pageBytes;
    }

    /** Opens the instance in {@code directory} with the defaults, or makes one there. */
    public static Instance open(Path directory) {
        return configure(directory).open();
    }

    /** Starts a configuration. */
    public static InstanceConfig configure(Path directory) {
        return new InstanceConfig(directory);
    }

    /** What opening had to do. */
    public RecoveryReport recovery() {
        return engine.report();
    }

    /** The directory. */
    public Path directory() {
        return engine.settings().directory();
    }

    /** The attached databases, in the order in which they were attached. */
    public List<Database> databases() {
        return engine.databases().stream()
                .map(pages -> new Database(this, pages))
                .toList();
    }

    /**
     * The attached database of that name.
     *
     * @throws NotFoundException {@code DATABASE_NOT_FOUND}
     */
    public Database database(String name) {
        return databases
                .find(name)
                .map(pages -> new Database(this, pages))
                .orElseThrow(() -> new NotFoundException(
                        QuireError.DATABASE_NOT_FOUND, null, "no database is attached as name=" + name, null));
    }

    /** The attached database of that name; made when there is none. */
    public Database openOrCreate(String name) {
        return exclusively(() -> databases.find(name).orElseGet(() -> databases.create(name, pageBytes)));
    }

    /**
     * Makes and attaches a database with the configured page size.
     *
     * @throws dev.quire.io.QuireException {@code DATABASE_DUPLICATE}, {@code DATABASE_INVALID_NAME},
     *     {@code TOO_MANY_ATTACHED_DATABASES}
     */
    public Database createDatabase(String name) {
        return createDatabase(name, pageBytes);
    }

    /** The same with a page size of its own. */
    public Database createDatabase(String name, int pageSize) {
        PageLayout.checkPageSize(pageSize);
        return exclusively(() -> databases.create(name, pageSize));
    }

    /**
     * Attaches a database that was detached, here or elsewhere, and whose file lies in the directory.
     *
     * @throws dev.quire.io.QuireException {@code FILE_NOT_FOUND}, {@code DATABASE_DIRTY_SHUTDOWN},
     *     {@code DATABASE_SIGN_IN_USE}, {@code SOFT_RECOVERY_ON_BACKUP_DATABASE}
     */
    public Database attach(String name) {
        return exclusively(() -> engine.backup().apart(() -> databases.attach(name)));
    }

    /**
     * Brings everything to the database's file and lets it go.
     *
     * @throws dev.quire.io.InUseException {@code DATABASE_IN_USE} while a transaction is open
     */
    public void detach(String name) {
        DatabasePages pages = database(name).pages();
        alone(() -> databases.detach(pages));
    }

    /** Deletes a database; refused like {@link #detach}. */
    public void drop(String name) {
        DatabasePages pages = database(name).pages();
        alone(() -> databases.drop(pages));
    }

    /** Begins to read as of the newest visible commit. */
    public ReadTransaction beginRead() {
        return new ReadTransaction(this);
    }

    /**
     * Begins to write, on top of the newest commit; waits for the writer before.
     *
     * @throws dev.quire.io.LimitException {@code CHECKPOINT_DEPTH_TOO_DEEP} if a reader holds back the checkpoint
     * @throws dev.quire.io.UnavailableException {@code INSTANCE_UNAVAILABLE} after a fault that only reopening mends;
     *     {@code TERM_IN_PROGRESS} while the instance is being closed, {@code NOT_INITIALIZED} when it is
     */
    public WriteTransaction beginWrite() {
        engine.beginWrite(open);
        try {
            return new WriteTransaction(this);
        } catch (RuntimeException | Error e) {
            engine.endWrite();
            throw e;
        }
    }

    /** Makes every commit up to now durable; for lazy ones. */
    public void awaitDurable() {
        engine.await(engine.versions().clock().published());
    }

    /** Brings what is committed to the files, as far as open transactions allow. */
    public void checkpoint() {
        gate.check();
        engine.checkpoint();
    }

    /** Checks every page, tree and allocation map as of now, and reports all faults; does not stop at the first. */
    public CheckReport check() {
        return check(Progress.NONE);
    }

    /**
     * The same, telling how far it is in bytes of all databases: phase {@code PAGES} while it walks trees, {@code
     * VERIFY} while it verifies pages.
     *
     * <p>All of it is seen in one snapshot, which a check holds to its end like any other reader: meanwhile what is
     * written stays in memory, for no checkpoint goes beyond the snapshot, and the log behind it stays. Where much is
     * written, a check that takes long, because of its rate perhaps, makes writers wait and then fail with {@code
     * CHECKPOINT_DEPTH_TOO_DEEP} or {@code OUT_OF_MEMORY}. Checking what a backup was restored to costs nobody that.
     *
     * @throws dev.quire.io.CancelledException {@code BACKUP_ABORT_BY_CALLER} if {@code progress} says so
     */
    public CheckReport check(Progress progress) {
        return Check.of(this, progress);
    }

    /** Counts and positions of now. */
    public InstanceStats stats() {
        Versions versions = engine.versions();
        return new InstanceStats(
                engine.appended(),
                versions.clock().durable(),
                engine.slot().redoStart(),
                engine.depthBytes(),
                engine.checkpointer().count(),
                versions.dirtyPages(engine.databases()),
                versions.pool().usedBytes(),
                versions.pool().heldBytes(),
                versions.pool().budgetBytes(),
                versions.readers().active(),
                versions.readers().oldest(),
                engine.databases().size(),
                databases().stream().mapToLong(Database::fileBytes).sum());
    }

    /** From now on no transaction and no backup may begin; open ones may end. {@link #close} is all that remains. */
    public void stop() {
        gate.stop();
        engine.backup().stop();
    }

    /**
     * Ends the instance; what is committed is in the files then, and opening again has nothing to do. Closing twice
     * does nothing.
     *
     * <p>What is begun meanwhile, a backup as well, is refused with {@code TERM_IN_PROGRESS}; what is begun afterwards
     * with {@code NOT_INITIALIZED}.
     *
     * @throws InUseException {@code TOO_MANY_ACTIVE_USERS} while a transaction is open, {@code BACKUP_IN_PROGRESS}
     *     while a backup runs; the instance stays open
     */
    @Override
    public void close() {
        closing.lock();
        try {
            if (!gate.isClosed()) {
                closeUnlessBackup();
            }
        } finally {
            closing.unlock();
        }
    }

    /**
     * The same, but a backup that runs is asked to end, and waited for: it does so between two pieces, leaves nothing,
     * and its caller gets {@code BACKUP_ABORT_BY_SERVER}. One that is published already, and notes that, ends as it
     * would.
     *
     * @throws InUseException {@code TOO_MANY_ACTIVE_USERS} while a transaction is open; the instance stays open
     * @throws IllegalStateException if the thread runs that backup
     */
    public void closeStoppingBackup() {
        if (!engine.backup().endBackup(gate::isClosed)) {
            return;
        }
        closing.lock(); // not while waiting: the backup, or who halts the instance, may want it
        try {
            if (gate.isClosed()) {
                engine.backup().leave();
            } else {
                closeInPlaceOfBackup();
            }
        } finally {
            closing.unlock();
        }
    }

    /**
     * Asks the backup that runs to end: its caller gets {@code BACKUP_ABORT_BY_SERVER}. Returns at once, and does
     * nothing if none runs.
     */
    public void stopBackup() {
        engine.backup().askToEnd();
        engine.backup().leaveIfAbandoned();
    }

    /** Ends the instance as a crash would: writes nothing more, and leaves it to the next opening to recover. */
    public void halt() {
        closing.lock();
        try {
            if (!gate.isClosed()) {
                gate.abandon(engine::halt);
            }
        } finally {
            closing.unlock();
        }
    }

    /** Takes the place of a backup, so that none can begin while the instance ends. */
    private void closeUnlessBackup() {
        engine.backup().end();
        closeInPlaceOfBackup();
    }

    private void closeInPlaceOfBackup() {
        try {
            closeUnlessWriting();
        } finally {
            if (!gate.isClosed()) {
                engine.backup().leave();
            }
        }
    }

    /** Whoever writes, or makes or drops a database, has the writer's place. */
    private void closeUnlessWriting() {
        if (!engine.tryBeginWrite()) {
            throw new InUseException(QuireError.TOO_MANY_ACTIVE_USERS, null, "somebody is writing", null);
        }
        try {
            gate.close(QuireError.TOO_MANY_ACTIVE_USERS, engine::close);
        } finally {
            engine.leaveWrite();
        }
    }

    /**
     * The engine, for the backup that is built on it; not for users.
     *
     * @throws dev.quire.io.UnavailableException {@code NOT_INITIALIZED} if the instance is closed, {@code
     *     TERM_IN_PROGRESS} while it is being closed
     */
    public Engine engine() {
        if (gate.isClosed()) {
            gate.check();
        }
        return engine;
    }

    Gate gate() {
        return gate;
    }

    /** What changes the tables of a database; for the holder of the writer's place alone. */
    KeptWriters writers(DatabasePages database) {
        return writers.computeIfAbsent(database, KeptWriters::new);
    }

    private Database exclusively(Supplier<DatabasePages> task) {
        engine.beginWrite(open);
        try {
            return new Database(this, task.get());
        } finally {
            engine.endWrite();
        }
    }

    private void alone(Runnable task) {
        engine.beginWrite(open);
        try {
            engine.backup().apart(() -> {
                writers.clear();
                gate.alone(QuireError.DATABASE_IN_USE, task);
                return null;
            });
        } finally {
            engine.endWrite();
        }
    }
}
