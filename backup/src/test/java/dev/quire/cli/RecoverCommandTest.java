package dev.quire.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.WriteTransaction;
import dev.quire.io.RateLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An instance that was not closed: every command recovers it, and may be ended while it does. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RecoverCommandTest {

    private static final long COMMITS = 20;

    @TempDir
    private Path dir;

    private Path home;

    @BeforeEach
    void crash() {
        home = dir.resolve("i");
        Run.ok("put", home, "db", "t", "key", "value", "--create");
        try (Instance open = Instance.open(home)) {
            for (byte i = 0; i < COMMITS; i++) {
                try (WriteTransaction tx = open.beginWrite()) {
                    tx.table(open.database("db"), "t").put(new byte[] {i}, new byte[20_000]);
                    tx.commit();
                }
            }
            open.halt();
        }
    }

    private List<Object[]> commands() throws IOException {
        Path lines = Files.writeString(dir.resolve("lines"), "a\tb\n");
        return List.of(
                new Object[] {"recover", home},
                new Object[] {"check", home},
                new Object[] {"backup", home, dir.resolve("b")},
                new Object[] {"truncate-logs", home},
                new Object[] {"serve", home, "--socket", dir.resolve("q.sock")},
                new Object[] {"stat", home},
                new Object[] {"get", home, "db", "t", "key"},
                new Object[] {"put", home, "db", "t", "key", "later"},
                new Object[] {"delete", home, "db", "t", "key"},
                new Object[] {"scan", home, "db", "t"},
                new Object[] {"load", home, "db", "t", lines});
    }

    /** As it was when it was not closed: nothing of it is taken for applied, and nothing is missing. */
    private void isStillToBeRecovered() {
        Map<?, ?> recovered = Run.ok("recover", home, "--json").json();
        assertEquals(false, recovered.get("closedInOrder"));
        assertEquals(COMMITS, recovered.get("commits"));
        assertEquals("value", Run.ok("get", home, "db", "t", "key").text());
        assertEquals(true, Run.ok("check", home, "--json").json().get("sound"));
    }

    @Test
    void aSignalMustEndTheRecoveryOfEveryCommandAndLeaveTheInstanceToTheNext() throws IOException {
        for (Object[] command : commands()) {
            Cancellation cancellation = new Cancellation();
            cancellation.cancel();
            Run run = Run.of(cancellation, command);
            assertEquals(ExitCodes.CANCELLED, run.code(), () -> command[0] + ": " + run);
            assertEquals("quire: cancelled\n", run.err());
            assertEquals("", run.text());
        }
        assertFalse(Files.exists(dir.resolve("b")));
        isStillToBeRecovered();
    }

    /** Its log takes minutes at this rate: whoever does not keep to it has ended, or is busy with something else. */
    @Test
    void aRecoveryMustKeepTheRateAndEndWhereASignalMeetsIt() throws Exception {
        for (Object[] command : List.of(
                new Object[] {"recover", home, "--max-rate", "4k"},
                new Object[] {"check", home, "--max-rate", "4k"},
                new Object[] {"backup", home, dir.resolve("b"), "--max-rate", "4k"})) {
            Cancellation cancellation = new Cancellation();
            Run[] run = new Run[1];
            Thread thread = new Thread(() -> run[0] = Run.of(cancellation, command));
            thread.start();
            while (thread.isAlive() && !isRecoveryWaiting()) {
                Thread.onSpinWait();
            }
            cancellation.cancel();
            thread.join();
            assertEquals(ExitCodes.CANCELLED, run[0].code(), () -> command[0] + ": " + run[0]);
            assertEquals("quire: cancelled\n", run[0].err());
        }
        isStillToBeRecovered();
    }

    /** Whether some thread waits for the rate; it must be the one that recovers. */
    private static boolean isRecoveryWaiting() {
        for (StackTraceElement[] stack : Thread.getAllStackTraces().values()) {
            List<String> types =
                    Arrays.stream(stack).map(StackTraceElement::getClassName).toList();
            if (types.contains("java.util.concurrent.TimeUnit") && types.contains(RateLimit.class.getName())) {
                assertTrue(types.contains("dev.quire.durable.RecoverySteps"), types::toString);
                return true;
            }
        }
        return false;
    }

    @Test
    void aRateThatLeavesItTimeMustLetItEnd() {
        Map<?, ?> recovered =
                Run.ok("recover", home, "--max-rate", "50MiB", "--json").json();
        assertEquals(COMMITS, recovered.get("commits"));
        assertEquals(true, Run.ok("recover", home, "--json").json().get("closedInOrder"));
    }
}
