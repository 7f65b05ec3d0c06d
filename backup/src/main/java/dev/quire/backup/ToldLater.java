package dev.quire.backup;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What has happened under a lock, and is told in the same order when nobody has that lock in hand: whoever listens may
 * take his time then, or call back. Any thread.
 *
 * <p>It has no bound. While one listener takes his time, every call of others adds what it has to tell, a few hundred
 * bytes, and a call is more work than that; only one who never returns lets it grow so long as the backup is used. To
 * wait for him would let him hold up the backup, and to leave out something could leave out its end.
 */
final class ToldLater implements Executor {

    private final Queue<Runnable> due = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean telling = new AtomicBoolean();

    @Override
    public void execute(Runnable task) {
        due.add(task);
    }

    /**
     * Tells all of it, or leaves it to the one who is telling already, for whom nobody waits. What a listener throws
     * keeps nothing else from being told, and comes out of this: with {@code fault}, if there is one.
     */
    void tell(Throwable fault) {
        Throwable thrown = fault;
        while (!due.isEmpty() && telling.compareAndSet(false, true)) {
            try {
                thrown = tellAll(thrown);
            } finally {
                telling.set(false); // who has come meanwhile relies on our looking again
            }
        }
        if (fault == null && thrown instanceof Error error) {
            throw error;
        } else if (fault == null && thrown != null) {
            throw (RuntimeException) thrown;
        }
    }

    private Throwable tellAll(Throwable before) {
        Throwable thrown = before;
        for (Runnable next = due.poll(); next != null; next = due.poll()) {
            try {
                next.run();
            } catch (RuntimeException | Error e) {
                if (thrown == null) {
                    thrown = e;
                } else if (thrown != e) {
                    thrown.addSuppressed(e);
                }
            }
        }
        return thrown;
    }
}
