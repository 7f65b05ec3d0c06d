package dev.quire.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CancelledException;
import dev.quire.io.CorruptionException;
import dev.quire.io.InUseException;
import dev.quire.io.LimitException;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.StorageFullException;
import dev.quire.io.UnavailableException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command line makes of what it is given, and of what it meets. */
class UsageTest {

    @TempDir
    private Path dir;

    @Test
    void aWrongCommandLineMustBeSaidInOneLine() {
        Run.failing(ExitCodes.USAGE);
        Run.failing(ExitCodes.USAGE, "bogus");
        Run.failing(ExitCodes.USAGE, "get", dir);
        Run.failing(ExitCodes.USAGE, "dump");
        Run.failing(ExitCodes.USAGE, "scan", dir, "db", "t", "--limit", "many");
        Run.failing(ExitCodes.USAGE, "scan", dir, "db", "t", "--limit", "-1");
        Run.failing(ExitCodes.USAGE, "put", dir, "db", "t", "k");
        Run.failing(ExitCodes.USAGE, "put", dir, "db", "t", "k", "v", "--value-from", "f");
        Run.failing(ExitCodes.USAGE, "load", dir, "db", "t", dir, "--memory", "1m");
        Run.failing(ExitCodes.USAGE, "load", dir, "db", "t", dir, "--memory", "lots");
        Run.failing(ExitCodes.USAGE, "stat", dir, "--no-such-option");
    }

    @Test
    void whatAScriptDidNotSetMustNotMeanTheDirectoryItIsIn() {
        for (String command : List.of("stat", "check", "recover", "verify")) {
            assertTrue(Run.failing(ExitCodes.USAGE, command, "").err().contains("is empty"), command);
        }
        Run.failing(ExitCodes.USAGE, "backup", dir, "");
        Run.failing(ExitCodes.USAGE, "restore", dir, "");
        Run.failing(ExitCodes.USAGE, "put", "--create", "", "db", "t", "k", "v");
        Run.failing(ExitCodes.USAGE, "load", "", "db", "t", dir);
        Run.failing(ExitCodes.USAGE, "demo", "--dir", "");
        Run.failing(ExitCodes.USAGE, "stat", "a\0b");
    }

    @Test
    void aPageSizeThatThereIsNotMustBeSaidBeforeAnythingIsMade() {
        for (String bytes : List.of("0", "-8192", "5000", "2048", "131072")) {
            Run.failing(ExitCodes.USAGE, "load", dir.resolve("i"), "db", "t", dir, "--page-size", bytes);
        }
        assertFalse(java.nio.file.Files.exists(dir.resolve("i")));
    }

    @Test
    void aWrongCommandLineMustBeSaidInJsonWhereThatIsAsked() {
        assertEquals(
                "USAGE", Run.failing(ExitCodes.USAGE, "get", "--json").json().get("error"));
        assertEquals("USAGE", Run.failing(ExitCodes.USAGE, "--json").json().get("error"));
        assertEquals(
                "USAGE", Run.failing(ExitCodes.USAGE, "bogus", "--json").json().get("error"));
    }

    @Test
    void jsonMustBeTakenBeforeAndBehindTheCommand() {
        Path none = dir.resolve("none");
        for (Object[] args : List.of(
                new Object[] {"--json", "stat", none}, new Object[] {"stat", "--json", none},
                new Object[] {"dump", "--json", "header", none}, new Object[] {"dump", "header", none, "--json"})) {
            var json = Run.failing(ExitCodes.NOT_FOUND, args).json();
            assertEquals("FILE_NOT_FOUND", json.get("error"));
            assertEquals(-1811L, json.get("number"));
            assertEquals(none.toString(), json.get("file"));
            assertTrue(json.get("message").toString().contains("there is no such"), json::toString);
        }
    }

    @Test
    void everyCommandMustHaveHelp() {
        for (String command : List.of(
                "demo",
                "load",
                "get",
                "put",
                "delete",
                "scan",
                "stat",
                "check",
                "recover",
                "backup",
                "verify",
                "restore",
                "list",
                "show",
                "truncate-logs",
                "dump")) {
            assertTrue(Run.ok(command, "--help").text().startsWith("Usage: quire " + command), command);
            assertTrue(Run.ok("--help").text().contains("  " + command + " "), command);
        }
        for (String dump : List.of("header", "page", "log", "checkpoint", "manifest")) {
            assertTrue(Run.ok("dump", dump, "--help").text().startsWith("Usage: quire dump " + dump), dump);
        }
        assertFalse(Run.ok("--help").text().contains("\u001b"));
        assertTrue(Run.ok("--version").text().startsWith("quire "));
        assertTrue(Run.ok("--version", "--json").text().startsWith("quire "));
        assertTrue(Run.ok("serve", "--json", "--help").text().startsWith("Usage: quire serve "));
    }

    @Test
    void everyExitCodeMustBeDocumented() throws Exception {
        String help = Run.ok("--help").text();
        Path root = Files.exists(Path.of("README.md")) ? Path.of("") : Path.of("..");
        String readme = Files.readString(root.resolve("README.md")).replaceAll("\\s+", " ");
        String listed = readme.substring(readme.indexOf("Exit codes: ")).split("An error is one line")[0];
        int codes = 0;
        for (Field each : ExitCodes.class.getDeclaredFields()) {
            if (each.getType() == int.class && !each.getName().endsWith("_MAX")) {
                int code = each.getInt(null);
                assertTrue(
                        Pattern.compile("(?m)^ *" + code + " +\\w")
                                .matcher(help)
                                .find(),
                        code + help);
                assertTrue(
                        Pattern.compile("[ ,]" + code + " [a-z]")
                                .matcher(listed)
                                .find(),
                        code + listed);
                codes++;
            }
        }
        assertEquals(9, codes);
    }

    @Test
    void stacktraceMustFollowTheLine() {
        Run run = Run.of("stat", dir.resolve("none"), "--stacktrace");
        assertTrue(run.err().lines().count() > 3, run.err());
        assertTrue(run.err().contains("\tat dev.quire.cli."), run.err());
    }

    @Test
    void aNameMustNotReachTheTerminalAsAControlSequence() {
        Run run = Run.failing(ExitCodes.NOT_FOUND, "stat", dir.resolve("a\u001b[31m\nb"));
        assertTrue(run.err().contains("a\\x1b[31m b"), run.err());
    }

    @Test
    void everyKindOfErrorMustHaveItsNumber() {
        Path file = dir.resolve("f");
        assertEquals(4, ExitCodes.of(new CorruptionException(QuireError.READ_VERIFY_FAILURE, file, "x", null)));
        assertEquals(1, ExitCodes.of(new CorruptionException(QuireError.BAD_LOG_VERSION, file, "x", null)));
        assertEquals(1, ExitCodes.of(new QuireException(QuireError.INVALID_DATABASE_VERSION, "x")));
        assertEquals(5, ExitCodes.of(new NotFoundException(QuireError.OBJECT_NOT_FOUND, null, "x", null)));
        assertEquals(5, ExitCodes.of(new QuireException(QuireError.CHECKPOINT_FILE_NOT_FOUND, "x")));
        assertEquals(4, ExitCodes.of(new CorruptionException(QuireError.CHECKPOINT_FILE_NOT_FOUND, file, "x", null)));
        assertEquals(4, ExitCodes.of(new NotFoundException(QuireError.MISSING_LOG_FILE, file, "x", null)));
        assertEquals(4, ExitCodes.of(new NotFoundException(QuireError.MISSING_FILE_TO_BACKUP, file, "x", null)));
        assertEquals(5, ExitCodes.of(new NoSuchFileException("x")));
        assertEquals(6, ExitCodes.of(new InUseException(QuireError.SYSTEM_PATH_IN_USE, file, "x", null)));
        assertEquals(6, ExitCodes.of(new QuireException(QuireError.BACKUP_IN_PROGRESS, "x")));
        StorageFullException full = new StorageFullException(QuireError.DISK_FULL, file, "x", null);
        assertEquals(8, ExitCodes.of(full));
        assertEquals(8, ExitCodes.of(new UnavailableException(QuireError.LOG_WRITE_FAIL, file, "x", full)));
        assertEquals(8, ExitCodes.of(new IOException("No space left on device")));
        assertEquals(130, ExitCodes.of(new CancelledException(QuireError.BACKUP_ABORT_BY_CALLER, null, "x", null)));
        assertEquals(1, ExitCodes.of(new IllegalStateException("x")));
        assertEquals(1, ExitCodes.of(new UnavailableException(QuireError.LOG_WRITE_FAIL, file, "x", null)));
    }

    @Test
    void aLongValueMustBeReadInPieces() throws IOException {
        byte[] bytes = new byte[(5 << 20) + 7];
        new Random(1).nextBytes(bytes);
        InputStream pieces = new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
                assertTrue(length <= 1 << 20, () -> "length=" + length);
                return super.read(into, offset, length);
            }
        };
        assertArrayEquals(bytes, Sources.read(pieces, bytes.length, "x", bytes.length));
        pieces.reset();
        assertArrayEquals(bytes, Sources.read(pieces, bytes.length, "x"));
        pieces.reset();
        assertThrows(LimitException.class, () -> Sources.read(pieces, bytes.length - 1, "x"));
    }

    @Test
    void aSignalMustNotWaitForInputThatNobodySends() {
        Cancellation cancellation = new Cancellation();
        Thread hook = new Thread(cancellation::signalled);
        assertThrows(
                CancelledException.class,
                () -> cancellation.await(() -> {
                    hook.start();
                    join(hook);
                    return new byte[0];
                }));
    }

    @Test
    void aSignalMustWaitForACommandToCleanUp() {
        Cancellation cancellation = new Cancellation();
        Thread hook = new Thread(cancellation::signalled);
        hook.start();
        while (!cancellation.isCancelled()) {
            Thread.onSpinWait();
        }
        assertTrue(hook.isAlive());
        cancellation.finish();
        join(hook);
    }

    private static void join(Thread thread) {
        try {
            thread.join(60_000);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertFalse(thread.isAlive());
    }

    @Test
    void standardOutputThatIsFullMustBeAnError() {
        java.io.OutputStream full = new java.io.OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        java.io.ByteArrayOutputStream err = new java.io.ByteArrayOutputStream();
        int code = Main.run(
                full,
                new java.io.PrintStream(err, true, java.nio.charset.StandardCharsets.UTF_8),
                false,
                new Cancellation(),
                "--version");
        assertEquals(ExitCodes.NO_SPACE, code);
        assertTrue(err.toString(java.nio.charset.StandardCharsets.UTF_8).startsWith("quire: standard output: "));
        assertEquals(
                1, err.toString(java.nio.charset.StandardCharsets.UTF_8).lines().count());
    }
}
