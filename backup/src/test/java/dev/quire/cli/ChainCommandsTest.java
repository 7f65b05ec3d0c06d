package dev.quire.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.InstanceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chains of backups from the command line: each kind, what lists and shows them, restore, truncation. */
class ChainCommandsTest {

    @TempDir
    private Path dir;

    private Path home;
    private Path backup;

    @BeforeEach
    void instance() {
        home = dir.resolve("i");
        backup = dir.resolve("deep/b");
        put("first");
    }

    private void put(String value) {
        Run.ok("put", home, "db", "t", "key", value, "--create");
    }

    private Map<?, ?> take(Object... options) {
        Object[] args = new Object[options.length + 4];
        args[0] = "backup";
        System.arraycopy(options, 0, args, 1, options.length);
        args[options.length + 1] = home;
        args[options.length + 2] = backup;
        args[options.length + 3] = "--json";
        return Run.ok(args).json();
    }

    private String restored(String name) {
        Run.ok("restore", backup, dir.resolve(name));
        return Run.ok("get", dir.resolve(name), "db", "t", "key").text();
    }

    @Test
    void aChainMustBeTakenListedShownVerifiedAndRestored() {
        Map<?, ?> full = take("--full", "--create-path", "--keep-log", "--label", "the first");
        put("second");
        Map<?, ?> incremental = take("--incremental");
        put("third");
        Map<?, ?> differential = take("--differential");
        assertEquals(List.of("full", "incremental", "differential"), kinds());
        assertEquals("third", restored("r1"));
        put("fourth");
        take("--incremental");
        assertEquals("fourth", restored("r2"));
        Map<?, ?> show = Run.ok("show", backup, "--json").json();
        assertEquals(3, ((List<?>) show.get("taken")).size());
        assertEquals(List.of("db"), show.get("databases"));
        assertEquals(4L, Run.ok("verify", backup, "--json").json().get("members"));
        assertEquals("incremental", incremental.get("kind"));
        assertEquals(full.get("id"), rows().get(0).get("id"));
        assertEquals("the first", rows().get(0).get("label"));
        assertEquals(incremental.get("id"), rows().get(2).get("builtOn"));
        assertEquals(differential.get("id"), rows().get(2).get("id"));
        assertTrue(Run.ok("list", backup).text().contains("differential"));
        assertTrue(Run.ok("show", backup).text().contains("consistent from"));
        assertTrue(Run.ok("dump", "manifest", backup).text().contains("the first"));
        Map<?, ?> member = Run.ok("dump", "manifest", "--id", differential.get("id"), backup, "--json")
                .json();
        assertEquals("differential", member.get("kind"));
        assertEquals(full.get("id"), member.get("full"));
        assertEquals(incremental.get("id"), member.get("builtOn"));
        assertFalse(member.containsKey("consistentFrom") || incremental.containsKey("consistentFrom"));
        assertFalse(Run.ok("dump", "manifest", "--id", incremental.get("id"), backup)
                .text()
                .contains("consistent from"));
        assertTrue(full.containsKey("consistentFrom"));
        Run.failing(ExitCodes.ERROR, "dump", "manifest", "--id", "../x", backup);
    }

    private List<Map<?, ?>> rows() {
        return ((List<?>) Run.ok("list", backup, "--json").json().get("backups"))
                .stream().<Map<?, ?>>map(each -> (Map<?, ?>) each).toList();
    }

    private List<?> kinds() {
        return rows().stream().map(each -> each.get("kind")).toList();
    }

    @Test
    void aCommandBetweenTwoBackupsMustNotBreakTheChain() {
        take("--create-path", "--keep-log");
        for (String command : List.of("check", "stat", "recover", "truncate-logs")) {
            Run.ok(command, home);
        }
        put("second");
        Run.ok("get", home, "db", "t", "key");
        take("--incremental");
        assertEquals("second", restored("r"));
    }

    @Test
    void withoutTheLogBeingKeptAnIncrementalMustBeRefused() {
        take("--create-path");
        Run run = Run.failing(ExitCodes.ERROR, "backup", "--incremental", home, backup, "--json");
        assertEquals("INVALID_BACKUP", run.json().get("error"));
    }

    @Test
    void aDirectoryMustExistUnlessThePathIsToBeMade() throws IOException {
        for (Object kind : List.of("--full", "--copy", "--incremental", "--atomic")) {
            Run.failing(ExitCodes.ERROR, "backup", kind, home, dir.resolve("none"));
        }
        Run.failing(ExitCodes.ERROR, "backup", home, backup);
        assertFalse(Files.exists(dir.resolve("none")) || Files.exists(backup.getParent()));
        Run.ok("backup", home, dir.resolve("short"));
        Run.ok("backup", "--label", "words alone", home, dir.resolve("labelled"));
        Run.failing(ExitCodes.ERROR, "backup", "--label", "words alone", home, backup);
        Files.createDirectory(dir.resolve("there"));
        Run.ok("backup", "--copy", home, dir.resolve("there"));
    }

    @Test
    void anAtomicBackupMustTakeThePlaceOfTheOneBefore() {
        take("--atomic", "--create-path");
        put("second");
        Map<?, ?> next = take("--atomic");
        assertEquals(List.of("full"), kinds());
        assertEquals(next.get("id"), rows().get(0).get("id"));
        assertEquals(
                next.get("id"),
                Run.ok("dump", "manifest", backup, "--json").json().get("id"));
        assertEquals("second", restored("r"));
    }

    @Test
    void optionsThatExcludeOneAnotherMustBeMisuse() {
        assertEquals(
                ExitCodes.USAGE,
                Run.of("backup", "--full", "--incremental", home, backup).code());
    }

    /** As where the locale has no such letters: it would be another label than the one that was given. */
    @Test
    void aLabelThatLostItsLettersMustBeMisuse() {
        Run run = Run.of("backup", "--label", "B\uFFFDro", home, dir.resolve("b"));
        assertEquals(ExitCodes.USAGE, run.code(), run::err);
        assertFalse(Files.exists(dir.resolve("b")));
    }

    /** Or the log would grow from then on for backups that nobody takes. */
    @Test
    void aBackupThatFailsMustNotSwitchToKeptLog() throws IOException {
        Path full = Files.createDirectory(dir.resolve("full"));
        Files.writeString(full.resolve("file"), "mine");
        Path socket = full.resolve("file");
        Run.failing(ExitCodes.ERROR, "backup", "--keep-log", "--full", home, dir.resolve("none"));
        Run.failing(ExitCodes.ERROR, "backup", "--keep-log", "--full", home, full);
        Run.failing(ExitCodes.ERROR, "backup", "--keep-log", "--incremental", home, full);
        Run.failing(ExitCodes.ERROR, "serve", "--keep-log", home, "--socket", socket);
        assertTrue(Instances.isCircular(home));
        take("--full", "--create-path", "--keep-log");
        assertFalse(Instances.isCircular(home));
        Run.failing(ExitCodes.ERROR, "backup", "--keep-log", "--full", home, dir.resolve("none"));
        assertFalse(Instances.isCircular(home)); // it was kept before
        take("--incremental");
    }

    @Test
    void whatFailsBehindThePublishedBackupMustKeepTheLog() {
        for (boolean published : List.of(true, false)) {
            IllegalStateException thrown = assertThrows(
                    IllegalStateException.class,
                    () -> LogSwitch.run(home, true, InstanceConfig::open, (opened, stays) -> {
                        if (published) {
                            stays.run();
                        }
                        throw new IllegalStateException("fails");
                    }));
            assertEquals(0, thrown.getSuppressed().length);
            assertEquals(!published, Instances.isCircular(home));
            Run.ok("truncate-logs", "--circular", home);
        }
    }

    @Test
    void circularLoggingMustComeBackWhenItIsAskedFor() {
        take("--create-path", "--keep-log");
        Run.ok("truncate-logs", home);
        assertFalse(Instances.isCircular(home));
        Run.ok("truncate-logs", "--circular", home);
        assertTrue(Instances.isCircular(home));
        put("second");
        assertTrue(Instances.isCircular(home));
        Run run = Run.failing(ExitCodes.ERROR, "backup", "--incremental", home, backup, "--json");
        assertEquals("INVALID_BACKUP", run.json().get("error"));
    }

    @Test
    void truncationMustSayWhatStays() {
        Run.ok("recover", home);
        take("--create-path", "--keep-log");
        put("second");
        Map<?, ?> done = Run.ok("truncate-logs", home, "--json").json();
        assertTrue(
                done.get("events").toString().matches(".*lowest kept: \\d+, (recovery|not backed up).*"),
                done::toString);
        String text = Run.ok("truncate-logs", home).text();
        assertTrue(text.contains("lowest kept: "), text);
    }
}
