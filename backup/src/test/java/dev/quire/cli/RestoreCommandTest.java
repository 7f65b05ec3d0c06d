package dev.quire.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.WriteTransaction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores to a point, of some databases, over the log of an instance, from the command line. */
class RestoreCommandTest {

    @TempDir
    private Path dir;

    private Path home;
    private Path backup;
    private int restored;

    /** Values "1" to "4" of a key: the second has a name, the third is in an incremental, the last in no backup. */
    @BeforeEach
    void chain() throws InterruptedException {
        home = dir.resolve("i");
        backup = dir.resolve("b");
        Run.ok("put", home, "db", "t", "key", "1", "--create");
        Run.ok("put", home, "other", "t", "key", "1", "--create");
        Run.ok("backup", home, backup, "--full", "--create-path", "--keep-log");
        try (Instance instance = Instance.configure(home).circularLogging(false).open();
                WriteTransaction tx = instance.beginWrite()) {
            tx.table(instance.database("db"), "t").put(new byte[] {'k', 'e', 'y'}, new byte[] {'2'});
            tx.restorePoint("the second");
            tx.commit();
        }
        Thread.sleep(5);
        Run.ok("put", home, "db", "t", "key", "3");
        Run.ok("backup", home, backup, "--incremental");
        Run.ok("put", home, "db", "t", "key", "4");
    }

    private Map<?, ?> plan(Object... options) {
        return Run.ok(args("--plan", null, options)).json();
    }

    private Object[] args(String first, Path target, Object... options) {
        List<Object> args = new ArrayList<>(List.of("restore", backup, "--json"));
        if (target != null) {
            args.add(target);
        }
        if (first != null) {
            args.add(first);
        }
        args.addAll(List.of(options));
        return args.toArray();
    }

    /** The value that a restore gives the key, in a database that may be called otherwise now. */
    private String value(String database, Object... options) {
        Path target = dir.resolve("r" + restored++);
        Run.ok(args(null, target, options));
        return Run.ok("get", target, database, "t", "key").text();
    }

    private Map<?, ?> point() {
        return (Map<?, ?>) ((List<?>) plan().get("points")).get(0);
    }

    @Test
    void everyKindOfPointMustBeReached() {
        Map<?, ?> plan = plan();
        assertEquals("the second", point().get("name"));
        assertEquals("3", value("db"));
        assertEquals("2", value("db", "--to-name", "the second"));
        assertEquals("2", value("db", "--to-lsn", point().get("lsn")));
        assertEquals("2", value("db", "--to-time", Instant.ofEpochMilli((Long) point().get("timeMs"))));
        assertEquals("1", value("db", "--to-lsn", plan.get("consistentFrom")));
        String generation = plan.get("consistentFrom").toString().split(":", 2)[0];
        assertEquals("1", value("db", "--to-generation", generation));
        assertEquals("4", value("db", "--roll-forward", home));
        assertEquals("4", value("db", "--roll-forward", home.resolve("log"), "--to-time", Instant.now()));
    }

    @Test
    void someDatabasesMustComeBackUnderOtherNames() {
        assertEquals("3", value("old", "--only", "db", "--map", "db=old"));
        Path target = dir.resolve("r0");
        assertTrue(Files.exists(target.resolve("old.qdb")));
        assertFalse(Files.exists(target.resolve("other.qdb")));
        Map<?, ?> plan = plan("--only", "db", "--map", "db=old");
        assertEquals(List.of("old"), plan.get("databases"));
        assertEquals(List.of("other"), plan.get("leftOut"));
        assertEquals("1", value("another", "--map", "other=another"));
    }

    @Test
    void aPlanMustSayWhatItTakesAndTouchNothing() {
        Map<?, ?> plan = plan("--to-name", "the second", "--roll-forward", home);
        assertEquals(point().get("lsn"), plan.get("end"));
        assertEquals(point().get("timeMs"), plan.get("timeMs"));
        assertEquals(List.of("db", "other"), plan.get("databases"));
        assertTrue((Long) plan.get("files") >= 6, plan::toString);
        assertTrue((Long) plan.get("bytes") > 0, plan::toString);
        Path target = dir.resolve("target");
        Map<?, ?> done = Run.ok(args(null, target, "--to-name", "the second")).json();
        assertEquals(plan.get("bytes"), done.get("bytes"));
        assertEquals(plan.get("end"), done.get("end"));
        Path none = dir.resolve("none");
        Run.ok(args("--plan", none));
        assertFalse(Files.exists(none));
        assertTrue(Run.ok("restore", backup, "--plan").text().contains("consistent from"));
    }

    @Test
    void whatCannotBeReachedMustBeRefusedNamingWhatCan() {
        Path target = dir.resolve("target");
        String from = plan().get("consistentFrom").toString();
        for (List<String> stop : List.of(
                List.of("--to-lsn", "1:0x1000"),
                List.of("--to-lsn", "900:0x1000"),
                List.of("--to-generation", "900"),
                List.of("--to-time", "2001-01-01T00:00:00Z"),
                List.of("--to-time", "2901-01-01T00:00:00+01:00"))) {
            Run run = Run.failing(ExitCodes.ERROR, args(null, target, stop.get(0), stop.get(1)));
            assertEquals("ENDING_RESTORE_LOG_TOO_LOW", run.json().get("error"), run::toString);
            assertTrue(run.err().contains(from), run::toString);
        }
        Run none = Run.failing(ExitCodes.NOT_FOUND, args(null, target, "--to-name", "the third"));
        assertTrue(none.err().contains("[the second]"), none::toString);
        Run.failing(ExitCodes.NOT_FOUND, args(null, target, "--only", "nothing"));
        Run.failing(ExitCodes.NOT_FOUND, args(null, target, "--roll-forward", dir.resolve("nowhere")));
        assertFalse(Files.exists(target));
    }

    @Test
    void whatIsNoPointMustBeMisuse() {
        Path target = dir.resolve("target");
        for (List<String> wrong : List.of(
                List.of("--to-lsn", "12"),
                List.of("--to-lsn", "3:0xfffffffff"),
                List.of("--to-time", "yesterday"),
                List.of("--to-time", "2025-01-01T00:00:00"),
                List.of("--to-generation", "x"),
                List.of("--map", "db"))) {
            Run.failing(ExitCodes.USAGE, args(null, target, wrong.get(0), wrong.get(1)));
        }
        Run.failing(ExitCodes.USAGE, args(null, target, "--to-name", "a", "--to-generation", "1"));
        Run.failing(ExitCodes.USAGE, args(null, null));
        Run.failing(ExitCodes.ERROR, args(null, target, "--accept-loss"));
        Run.failing(ExitCodes.ERROR, args(null, target, "--map", "db=a", "--map", "db=b"));
    }

    @Test
    void aRestorePointMustBeSeenInTheLog() {
        String log = Run.ok("dump", "log", backup, "--records").text();
        assertTrue(log.contains("restorePoint=the second"), log);
    }
}
