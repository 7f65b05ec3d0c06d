package dev.quire;

import dev.quire.io.InUseException;
import dev.quire.io.QuireError;
import dev.quire.io.UnavailableException;
import dev.quire.pages.PageReader;
import java.util.function.Supplier;

/**
 * What reading and writing transactions share: a snapshot, an owner, an end.
 *
 * <p>A transaction belongs to the thread that began it. Views, tables and cursors it gave out belong to it and end with
 * it: a view kept longer reads undefined bytes, never memory that is not ours.
 */
public abstract class Transaction implements AutoCloseable {

    private final Instance instance;
    private final int slot;
    private Thread owner;
    private boolean open = true;

    Transaction(Instance instance, boolean writer) {
        this.instance = instance;
        this.slot = instance.gate().enter(writer);
        this.owner = Thread.currentThread();
    }

    /** The instance it reads. */
    public final Instance instance() {
        return instance;
    }

    /** The commit it sees, as a position in the log. */
    public final long snapshot() {
        check();
        return instance.engine().versions().readers().snapshot(slot);
    }

    /**
     * Gives the transaction to whoever uses it next: the first thread that does becomes its owner. The two threads must
     * hand it over in a way that makes memory visible.
     */
    public final void handOff() {
        check();
        owner = null;
        ownerChanged(null);
    }

    /** Whether it has not ended. */
    public final boolean isOpen() {
        return open;
    }

    /** Ends it; a write transaction that did not commit is aborted. Ending twice does nothing. */
    @Override
    public abstract void close();

    abstract PageReader pages(Database database);

    /** The transaction belongs to another thread now, or to none. */
    void ownerChanged(Thread thread) {}

    /**
     * The catalog and tables of {@code database} are read through this.
     *
     * @throws IllegalStateException if the transaction has ended
     * @throws InUseException {@code SESSION_SHARING_VIOLATION} if it belongs to another thread
     */
    final void check() {
        if (owner != Thread.currentThread()) {
            checkOwner();
        }
        if (!open) {
            throw new IllegalStateException("the transaction has ended");
        }
    }

    /** Whether the calling thread may end it. */
    final void checkOwner() {
        if (owner == null) {
            owner = Thread.currentThread();
            ownerChanged(owner);
        } else if (owner != Thread.currentThread()) {
            throw new InUseException(
                    QuireError.SESSION_SHARING_VIOLATION,
                    null,
                    "the transaction belongs to thread " + owner.getName() + ", not to "
                            + Thread.currentThread().getName(),
                    null);
        }
    }

    final void check(Database database) {
        check();
        if (database.instance() != instance) {
            throw new IllegalArgumentException("database=" + database.name() + " belongs to another instance");
        }
        if (!instance.engine().databases().contains(database.pages())) {
            throw new IllegalStateException("database=" + database.name() + " is not attached any more");
        }
    }

    /** Leaves the registry: from now on nothing is kept for this transaction. */
    final void end() {
        open = false;
        instance.gate().leave(slot);
    }

    /**
     * A mapped access failed: the file is gone from under the map. Nothing that was read can be trusted, so nothing
     * more is acknowledged.
     */
    final UnavailableException poisoned(InternalError fault) {
        instance.engine().poison().set(fault);
        return new UnavailableException(
                QuireError.INSTANCE_UNAVAILABLE,
                instance.directory(),
                "the disk failed under a mapped file; reopening recovers the instance",
                fault);
    }

    /** Does what reads pages, and not so often that an object for it matters; a fault of it is told here, not later. */
    final <T> T reading(Supplier<T> task) {
        try {
            T read = task.get();
            Thread.holdsLock(this); // see checkFaults
            return read;
        } catch (InternalError e) {
            throw poisoned(e);
        }
    }

    /**
     * A failed mapped access may be reported only at a later safepoint, such as the return from native code: on some
     * JVMs any, on others that of a copy. Goes through one, then looks.
     */
    final void checkFaults() {
        try {
            Thread.holdsLock(this);
        } catch (InternalError e) {
            throw poisoned(e);
        }
        instance.engine().poison().check();
    }
}
