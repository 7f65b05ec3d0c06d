package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.InUseException;
import dev.quire.io.QuireError;
import dev.quire.io.UnavailableException;
import dev.quire.pages.ReaderSlots;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may begin while somebody else wants the instance for himself, has asked it to stop, or has ended it. */
class GateTest {

    private final Instance instance = SimInstances.open(SimInstances.disk(), 1);
    private final Gate gate = instance.gate();

    @AfterEach
    void halt() {
        instance.halt();
    }

    private void refused(QuireError error) {
        assertEquals(
                error,
                assertThrows(UnavailableException.class, instance::beginRead).error());
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
                    assertEquals(QuireError.NOT_INITIALIZED, e.error());
                }
            });
            alone.start();
            ready.await();
            each.abandon();
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
