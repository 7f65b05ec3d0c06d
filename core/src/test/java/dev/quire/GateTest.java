package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.Engine;
import dev.quire.io.InUseException;
import dev.quire.io.QuireError;
import dev.quire.io.UnavailableException;
import dev.quire.pages.ReaderSlots;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Who may begin while somebody else wants the instance for himself, has asked it to stop, or has ended it. */
class GateTest {

    private final Instance instance = SimInstances.open(SimInstances.disk(), 1);
    private final Gate gate = instance.gate();

    @AfterEach
    void halt() {
        instance.halt();
    }

    private void refused(QuireError error) {
        refused(error, instance::beginRead);
    }

    private static void refused(QuireError error, Executable call) {
        assertEquals(error, assertThrows(UnavailableException.class, call).error());
    }

    @Test
    void aStopMustCountWhileTheGateIsShut() {
        gate.alone(QuireError.DATABASE_IN_USE, instance::stop);
        refused(QuireError.CLIENT_REQUEST_TO_STOP_SERVICE);
        Gate other = new Gate(instance.engine().versions());
        other.enter(false);
        assertThrows(InUseException.class, () -> other.close(QuireError.TOO_MANY_ACTIVE_USERS, () -> {}));
        other.stop();
        assertThrows(InUseException.class, () -> other.close(QuireError.TOO_MANY_ACTIVE_USERS, () -> {}));
        assertThrows(UnavailableException.class, () -> other.enter(false));
    }

    @Test
    void whatBeginsWhileTheInstanceIsClosedMustBeToldSoAndAfterwardsThatItIs() {
        gate.close(QuireError.TOO_MANY_ACTIVE_USERS, () -> {
            refused(QuireError.TERM_IN_PROGRESS);
            refused(QuireError.TERM_IN_PROGRESS, instance::beginWrite);
            refused(QuireError.TERM_IN_PROGRESS, instance::engine);
            refused(QuireError.TERM_IN_PROGRESS, () -> instance.createDatabase("late"));
        });
        refused(QuireError.NOT_INITIALIZED);
        refused(QuireError.NOT_INITIALIZED, instance::beginWrite);
        refused(QuireError.NOT_INITIALIZED, instance::engine);
    }

    /** Fear: whoever waits for the writer's place gets it from the one who closes, and uses what is closed. */
    @Test
    void aWriterWhoWaitedUntilTheInstanceWasClosedMustBeToldThatItIs() throws InterruptedException {
        Engine engine = instance.engine();
        waitedFor(() -> gate.close(QuireError.TOO_MANY_ACTIVE_USERS, engine::close), engine);
    }

    @Test
    void aWriterWhoWaitedUntilTheInstanceWasHaltedMustBeToldThatItIsClosedAndNotOfAFault() throws InterruptedException {
        waitedFor(instance::halt, instance.engine());
    }

    private void waitedFor(Runnable end, Engine engine) throws InterruptedException {
        assertTrue(engine.tryBeginWrite());
        AtomicReference<Throwable> told = new AtomicReference<>();
        Thread writer = new Thread(() -> {
            try {
                instance.beginWrite();
            } catch (RuntimeException | Error e) {
                told.set(e);
            }
        });
        writer.start();
        while (writer.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        end.run();
        engine.leaveWrite();
        writer.join();
        assertTrue(
                told.get() instanceof UnavailableException e && e.error() == QuireError.NOT_INITIALIZED,
                () -> CrashJudge.text(told.get()));
    }

    @Test
    void whoWantsTheInstanceAloneMustNotUndoItsEnd() throws InterruptedException {
        for (int round = 0; round < 2_000; round++) {
            Gate each = new Gate(instance.engine().versions());
            CountDownLatch ready = new CountDownLatch(1);
            Thread alone = new Thread(() -> {
                ready.countDown();
                try {
                    while (true) {
                        each.alone(QuireError.DATABASE_IN_USE, () -> {});
                    }
                } catch (UnavailableException e) {
                    assertTrue(e.error() == QuireError.NOT_INITIALIZED || e.error() == QuireError.TERM_IN_PROGRESS);
                }
            });
            alone.start();
            ready.await();
            each.abandon(() -> {});
            alone.join();
            assertTrue(each.isClosed());
        }
    }

    @Test
    void whoIsTurnedAwayMustNotBeCounted() throws InterruptedException {
        ReaderSlots slots = instance.engine().versions().readers();
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> readers = new ArrayList<>();
        gate.alone(QuireError.DATABASE_IN_USE, () -> {
            for (int i = 0; i < 3; i++) {
                Thread reader = new Thread(() -> {
                    while (!over.get()) {
                        // What each attempt of a reader does, without its pauses.
                        assertEquals(
                                ReaderSlots.REFUSED,
                                slots.enter(instance.engine().versions().clock()::visible, () -> false));
                    }
                    gate.leave(gate.enter(false));
                });
                reader.start();
                readers.add(reader);
            }
            for (int i = 0; i < 20_000; i++) {
                assertEquals(0, slots.users());
            }
            over.set(true);
        });
        for (Thread reader : readers) {
            reader.join();
        }
        instance.close();
    }
}
