package dev.quire.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.durable.Names;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backup, verify, restore, and what looks after an instance. */
class BackupCommandsTest {

    @TempDir
    private Path dir;

    private Path home;

    @BeforeEach
    void instance() {
        home = dir.resolve("i");
        Run.ok("put", home, "db", "t", "key", "value", "--create");
    }

    @Test
    void aBackupMustBeVerifiedAndRestored() {
        Path backup = dir.resolve("b");
        Map<?, ?> taken = Run.ok("backup", home, backup, "--json").json();
        assertEquals(List.of("db"), taken.get("databases"));
        Run.ok("put", home, "db", "t", "key", "later");
        Map<?, ?> verified = Run.ok("verify", backup, "--json").json();
        assertEquals(true, verified.get("sound"));
        assertEquals(taken.get("id"), verified.get("id"));
        assertEquals(taken.get("pages"), verified.get("pages"));
        Map<?, ?> restored =
                Run.ok("restore", backup, dir.resolve("r"), "--json").json();
        assertEquals(taken.get("id"), restored.get("id"));
        assertEquals("value", Run.ok("get", dir.resolve("r"), "db", "t", "key").text());
        Map<?, ?> manifest = Run.ok("dump", "manifest", backup, "--json").json();
        assertEquals(taken.get("id"), manifest.get("id"));
    }

    /** At 4 KiB a second it takes minutes; whoever does not keep to that has long ended when it is cancelled. */
    @Test
    void aPlanMustKeepTheRateAndBeCancelled() throws Exception {
        Path backup = dir.resolve("b");
        Run.ok("backup", home, backup);
        Cancellation cancellation = new Cancellation();
        Run[] run = new Run[1];
        Thread planning = new Thread(() ->
                run[0] = Run.of(cancellation, "restore", "--plan", "--roll-forward", home, "--max-rate", "4k", backup));
        planning.start();
        planning.join(3_000);
        cancellation.cancel();
        planning.join();
        assertEquals(ExitCodes.CANCELLED, run[0].code(), run[0]::toString);
    }

    @Test
    void aRateMustBeOneForEveryCommandThatMovesBytes() {
        Path backup = dir.resolve("b");
        Run.ok("backup", "--max-rate", "1GiB", home, backup);
        Run.ok("verify", "--max-rate", "900m", backup);
        Run.ok("restore", "--max-rate", "1073741824", backup, dir.resolve("r"));
        Run.ok("restore", "--plan", "--max-rate", "50m", backup);
        Run.ok("check", "--max-rate", "50MiB/s", home);
        for (String rate : List.of("fast", "-1", "0", "4095", "1.5g", "99999999t", "12345678901234567890", "k")) {
            assertEquals(
                    ExitCodes.USAGE,
                    Run.of("backup", "--max-rate=" + rate, home, dir.resolve("c"))
                            .code(),
                    rate);
        }
        assertFalse(Files.exists(dir.resolve("c")));
    }

    @Test
    void theyMustSpeakToPeopleToo() {
        Path backup = dir.resolve("b");
        assertTrue(Run.ok("backup", home, backup).text().contains("pages"));
        assertTrue(Run.ok("verify", backup).text().contains("sound"));
        assertTrue(Run.ok("restore", backup, dir.resolve("r")).text().contains("bytes"));
        assertTrue(Run.ok("dump", "manifest", backup).text().contains("redo start"));
        assertTrue(Run.ok("stat", home).text().contains("signature"));
        assertTrue(Run.ok("check", home).text().contains("sound"));
        assertTrue(Run.ok("recover", home).text().contains("log end"));
    }

    @Test
    void aDestinationThatCannotBeOneMustBeRefused() throws IOException {
        Path full = Files.createDirectory(dir.resolve("full"));
        Files.writeString(full.resolve("file"), "mine");
        Path link = Files.createSymbolicLink(dir.resolve("link"), Files.createDirectory(dir.resolve("empty")));
        for (Path wrong :
                List.of(full, link, home, home.resolve("inside"), dir.resolve("no/where"), full.resolve("file"))) {
            Run.failing(ExitCodes.ERROR, "backup", home, wrong);
        }
        Run.ok("backup", home, dir.resolve("b"));
        for (Path wrong : List.of(full, link, home, full.resolve("file"))) {
            Run.failing(ExitCodes.ERROR, "restore", dir.resolve("b"), wrong);
        }
        Run.failing(ExitCodes.ERROR, "backup", home, dir.resolve("b"));
        assertEquals("mine", Files.readString(full.resolve("file")));
        try (Stream<Path> inside = Files.list(dir.resolve("empty"))) {
            assertEquals(0, inside.count());
        }
        assertEquals("value", Run.ok("get", home, "db", "t", "key").text());
    }

    @Test
    void whatIsNotThereMustBeNotFound() throws IOException {
        Path none = dir.resolve("none");
        Path empty = Files.createDirectory(dir.resolve("empty"));
        for (Path missing : List.of(none, empty)) {
            for (String command : List.of("stat", "check", "recover", "verify")) {
                Run.failing(ExitCodes.NOT_FOUND, command, missing);
            }
            Run.failing(ExitCodes.NOT_FOUND, "backup", missing, dir.resolve("b"));
            Run.failing(ExitCodes.NOT_FOUND, "restore", missing, dir.resolve("r"));
            Run.failing(ExitCodes.NOT_FOUND, "get", missing, "db", "t", "k");
            Run.failing(ExitCodes.NOT_FOUND, "scan", missing, "db", "t");
            Run.failing(ExitCodes.NOT_FOUND, "delete", missing, "db", "t", "k");
            Run.failing(ExitCodes.NOT_FOUND, "dump", "manifest", missing);
        }
        Run.failing(ExitCodes.NOT_FOUND, "load", home, "db", "t", none);
        Run.failing(ExitCodes.NOT_FOUND, "get", home, "nodb", "t", "k");
        Run.failing(ExitCodes.NOT_FOUND, "get", home, "db", "notable", "k");
        Run.failing(ExitCodes.NOT_FOUND, "dump", "header", none);
        Run.failing(ExitCodes.NOT_FOUND, "dump", "page", none, 1);
        Run.failing(ExitCodes.NOT_FOUND, "dump", "log", none);
        Run.failing(ExitCodes.NOT_FOUND, "dump", "log", empty);
        Run.failing(ExitCodes.NOT_FOUND, "dump", "checkpoint", none);
        assertFalse(Files.exists(none) || Files.exists(dir.resolve("b")) || Files.exists(dir.resolve("r")));
    }

    @Test
    void anInstanceThatIsOpenMustBeInUse() {
        try (Instance open = Instance.open(home)) {
            assertTrue(open.databases().size() > 0);
            for (String command : List.of("stat", "check", "recover")) {
                Run.failing(ExitCodes.IN_USE, command, home);
            }
            Run.failing(ExitCodes.IN_USE, "get", home, "db", "t", "key");
            Map<?, ?> json = Run.failing(ExitCodes.IN_USE, "backup", home, dir.resolve("b"), "--json")
                    .json();
            assertTrue(json.get("file").toString().endsWith("quire.lock"), json::toString);
        }
        assertFalse(Files.exists(dir.resolve("b")));
    }

    @Test
    void namesThatArePathsMustBeRefused() throws IOException {
        Path lines = Files.writeString(dir.resolve("lines"), "a\tb\n");
        for (String name : List.of("../evil", "/tmp/evil", "a/b", "..", "")) {
            Run run = Run.failing(ExitCodes.ERROR, "load", home, name, "t", lines);
            assertTrue(run.err().contains("DATABASE_INVALID_NAME"), run.err());
        }
        assertFalse(Files.exists(dir.resolve("evil.qdb")));
    }

    @Test
    void keysThatNoTableTakesMustBeRefused() {
        Run.failing(ExitCodes.ERROR, "put", home, "db", "t", "", "v");
        Run.failing(ExitCodes.ERROR, "get", home, "db", "t", "");
        Run run = Run.failing(ExitCodes.ERROR, "put", home, "db", "t", "k".repeat(1000), "v");
        assertTrue(run.err().contains("KEY_TOO_BIG"), run.err());
    }

    @Test
    void damageMustBeFound() throws IOException {
        Path backup = dir.resolve("b");
        Run.ok("backup", home, backup);
        Path copy;
        try (Stream<Path> files = Files.list(backup)) {
            copy = files.filter(file -> file.toString().endsWith(".qdb"))
                    .findFirst()
                    .orElseThrow();
        }
        flip(copy, 4 * 8192 + 100);
        Map<?, ?> json =
                Run.failing(ExitCodes.CORRUPT, "verify", backup, "--json").json();
        assertEquals(false, json.get("sound"));
        assertEquals(1, ((List<?>) json.get("faults")).size());
        Run.failing(ExitCodes.CORRUPT, "restore", backup, dir.resolve("r"));
        assertFalse(Files.exists(dir.resolve("r")));
        flip(home.resolve("db.qdb"), 4 * 8192 + 100);
        Map<?, ?> checked =
                Run.failing(ExitCodes.CORRUPT, "check", home, "--json").json();
        assertEquals(false, checked.get("sound"));
        Run.failing(ExitCodes.CORRUPT, "get", home, "db", "t", "key");
        flip(backup.resolve("manifest.json"), 30);
        Run.failing(ExitCodes.CORRUPT, "verify", backup);
        Run.failing(ExitCodes.CORRUPT, "dump", "manifest", backup);
    }

    @Test
    void aFileThatMustBeThereAndIsNotMustCountAsCorruption() throws IOException {
        Run.ok("backup", home, dir.resolve("b"));
        for (String name : List.of("quire.chk", "quire.guard", "db.qdb", "log")) {
            Path file = home.resolve(name);
            Path aside = Files.move(file, dir.resolve("aside"));
            for (String command : List.of("stat", "check", "recover")) {
                Run.failing(ExitCodes.CORRUPT, command, home);
            }
            Files.move(aside, file);
        }
        long redoStart;
        try (Instance instance = Instance.open(home)) {
            redoStart = instance.stats().redoStart();
            instance.halt();
        }
        Files.delete(LogFiles.path(home.resolve("log"), Lsn.generation(redoStart)));
        Run.failing(ExitCodes.CORRUPT, "check", home);
        Path copy = files(dir.resolve("b"), ".qlog").get(0);
        Files.delete(copy);
        Run.failing(ExitCodes.CORRUPT, "verify", dir.resolve("b"));
        Run.failing(ExitCodes.CORRUPT, "restore", dir.resolve("b"), dir.resolve("r"));
    }

    private static List<Path> files(Path directory, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aCheckMustEndWhenItIsCancelled() {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        Run run = Run.of(cancellation, "check", home, "--json");
        assertEquals(ExitCodes.CANCELLED, run.code());
        assertEquals("quire: cancelled\n", run.err());
        Run.ok("check", home);
    }

    @Test
    void aCancelledBackupOrRestoreMustLeaveNothingBehind() throws IOException {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        Run run = Run.of(cancellation, "backup", home, dir.resolve("b"), "--json");
        assertEquals(ExitCodes.CANCELLED, run.code());
        assertEquals("quire: cancelled\n", run.err());
        assertEquals("BACKUP_ABORT_BY_CALLER", run.json().get("error"));
        assertFalse(Files.exists(dir.resolve("b")));
        Run.ok("backup", home, dir.resolve("b"));
        assertEquals(
                ExitCodes.CANCELLED,
                Run.of(cancellation, "restore", dir.resolve("b"), dir.resolve("r"))
                        .code());
        assertEquals(
                ExitCodes.CANCELLED,
                Run.of(cancellation, "verify", dir.resolve("b")).code());
        try (Stream<Path> left = Files.list(dir)) {
            assertEquals(
                    List.of("b", "i"),
                    left.map(each -> each.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void anInstanceThatWasNotClosedMustBeRecovered() {
        try (Instance open = Instance.open(home)) {
            var database = open.database("db");
            try (var tx = open.beginWrite()) {
                tx.table(database, "t").put(new byte[] {'n'}, new byte[] {'w'});
                tx.commit();
            }
            open.halt();
        }
        Map<?, ?> json = Run.ok("recover", home, "--json").json();
        assertEquals(false, json.get("closedInOrder"));
        assertEquals(1L, json.get("commits"));
        assertEquals("w", Run.ok("get", home, "db", "t", "n").text());
        assertEquals(true, Run.ok("recover", home, "--json").json().get("closedInOrder"));
    }

    @Test
    void damageThatAnotherCopyMadeGoodMustBeTold() throws IOException {
        Path slots = home.resolve(Names.CHECKPOINT);
        Path database = home.resolve("db.qdb");
        flip(slots, 100);
        flip(database, 100);
        List<?> mended = (List<?>) Run.ok("recover", home, "--json").json().get("mended");
        assertEquals(
                List.of(slots.toString(), database.toString()),
                mended.stream().map(each -> ((Map<?, ?>) each).get("file")).toList());
        assertEquals(List.of(), Run.ok("recover", home, "--json").json().get("mended"));
        flip(database, 100);
        String text = Run.ok("stat", home).text();
        assertTrue(text.contains("mended") && text.contains("header copy 0"), text);
        assertEquals(List.of(), Run.ok("stat", home, "--json").json().get("mended"));
    }

    private static void flip(Path file, long position) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(position);
            int old = bytes.read();
            bytes.seek(position);
            bytes.write(old ^ 1);
        }
    }
}
