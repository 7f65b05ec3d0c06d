package dev.quire.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** An instance that one process keeps open, and backups that others take of it; each of them may be killed. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ServeCommandTest {

    private static final List<String> CLASSES = List.of(
            "dev.quire.cli.Main",
            "dev.quire.Instance",
            "dev.quire.io.Storage",
            "org.agrona.collections.IntArrayList",
            "com.fasterxml.jackson.core.JsonFactory",
            "picocli.CommandLine",
            "me.tongfei.progressbar.ProgressBar",
            "org.jline.terminal.Terminal");

    @TempDir
    private Path dir;

    private Path home;
    private Path socket;
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void instance() {
        home = dir.resolve("i");
        socket = dir.resolve("q.sock");
        Run.ok("put", home, "db", "t", "key", "value", "--create");
    }

    @AfterEach
    void endAll() {
        started.forEach(process -> process.toHandle().destroyForcibly());
    }

    private Process start(Object... args) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath(),
                Main.class.getName()));
        for (Object each : args) {
            command.add(each.toString());
        }
        Process process = new ProcessBuilder(command).start();
        started.add(process);
        return process;
    }

    /** What is on it here, however the tests were started. */
    private static String classPath() throws ClassNotFoundException {
        List<String> path = new ArrayList<>();
        for (String type : CLASSES) {
            path.add(Class.forName(type)
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .getPath());
        }
        return String.join(File.pathSeparator, path);
    }

    private Process serve(Object... options) throws Exception {
        Object[] args = new Object[options.length + 4];
        args[0] = "serve";
        args[1] = home;
        args[2] = "--socket";
        args[3] = socket;
        System.arraycopy(options, 0, args, 4, options.length);
        return start(args);
    }

    private static BufferedReader out(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private static String err(Process process) throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private Run connect(Object... rest) {
        Object[] args = new Object[rest.length + 3];
        args[0] = "backup";
        args[1] = "--connect";
        args[2] = socket;
        System.arraycopy(rest, 0, args, 3, rest.length);
        return Run.of(args);
    }

    /** A process that is told to end politely. */
    private static void end(Process process) throws Exception {
        process.toHandle().destroy(); // unlike the process, it leaves the pipes open
        assertEquals(ExitCodes.TERMINATED, process.waitFor());
    }

    @Test
    void aServedInstanceMustBeBackedUpUnderLoadAndEndInOrderWhenItIsToldTo() throws Exception {
        Process server = serve("--write-load", 200, "--keep-log");
        BufferedReader said = out(server);
        assertEquals("ready: " + home + " answers at " + socket, said.readLine());
        Path b = dir.resolve("b");
        Map<?, ?> full = connect("--full", "--create-path", "--label", "first", b, "--json")
                .json();
        assertEquals("full", full.get("kind"));
        assertEquals(List.of("db", "serve-load"), full.get("databases"));
        for (String kind : List.of("incremental", "differential", "incremental")) {
            assertEquals(
                    kind,
                    connect("--" + kind, "--max-rate", "50m", b, "--json")
                            .json()
                            .get("kind"));
        }
        assertEquals(
                "copy",
                connect("--copy", "--create-path", dir.resolve("c"), "--json")
                        .json()
                        .get("kind"));
        Process other = start("backup", "--connect", socket, "--incremental", b);
        assertEquals("", err(other));
        assertEquals(0, other.waitFor());
        assertEquals(0, connect("--atomic", "--create-path", dir.resolve("a")).code());
        assertEquals(0, connect(dir.resolve("new")).code());
        Run last = connect("--incremental", b); // the last full is in another place by now
        assertEquals(ExitCodes.ERROR, last.code());
        assertTrue(last.err().contains("INVALID_BACKUP") && last.err().lines().count() == 1, last::toString);
        end(server);
        String rest = String.join("\n", said.lines().toList());
        assertTrue(rest.contains("commits per second"), rest);
        assertEquals("", err(server));
        assertFalse(Files.exists(socket));
        assertEquals(true, Run.ok("recover", home, "--json").json().get("closedInOrder"));
        for (String each : List.of("b", "c", "a", "new")) {
            Run.ok("verify", dir.resolve(each));
            Run.ok("restore", dir.resolve(each), dir.resolve(each + "-back"));
            Run.ok("check", dir.resolve(each + "-back"));
            assertEquals(
                    "value",
                    Run.ok("get", dir.resolve(each + "-back"), "db", "t", "key").text());
        }
    }

    @Test
    void aClientThatIsKilledMustLeaveTheInstanceServingAndOneThatIsInterruptedNothing() throws Exception {
        Process server = serve("--write-load", 100);
        out(server).readLine();
        Path b = dir.resolve("b");
        for (int i = 0; i < 3; i++) {
            Process client = storing(b);
            if (i == 2) {
                end(client);
                assertFalse(Files.exists(b.resolve("backup.lock")));
            } else {
                client.toHandle().destroyForcibly();
                client.waitFor();
            }
            assertFalse(Files.exists(b.resolve("manifest.json")));
        }
        assertEquals(0, marks(b).size());
        Run taken = connect(b);
        while (taken.code() == ExitCodes.IN_USE) { // until the server has noticed that he is gone
            taken = connect(b);
        }
        assertEquals(0, taken.code(), taken::toString);
        Run.ok("verify", b);
        end(server);
    }

    /** A process that has begun to store there, slowly; the one before may still be seen by the server. */
    private Process storing(Path backup, String... more) throws Exception {
        Set<Path> before = marks(backup);
        while (true) {
            List<Object> args = new ArrayList<>(List.of("backup", "--connect", socket, "--max-rate", "4k", backup));
            args.addAll(List.of(more));
            Process client = start(args.toArray());
            while (client.isAlive()) {
                Set<Path> now = marks(backup);
                now.removeAll(before);
                if (!now.isEmpty()) {
                    return client;
                }
                Thread.sleep(5);
            }
            assertEquals(ExitCodes.IN_USE, client.exitValue(), err(client));
        }
    }

    private static Set<Path> marks(Path backup) throws IOException {
        Set<Path> marks = new HashSet<>();
        if (Files.exists(backup)) {
            try (var names = Files.list(backup)) {
                names.filter(each -> each.toString().endsWith(".manifest")).forEach(marks::add);
            }
        }
        return marks;
    }

    @Test
    void aServerThatIsKilledMustFailTheClientClearlyAndTheDestinationBeAsItWas() throws Exception {
        Process server = serve();
        out(server).readLine();
        Path b = dir.resolve("b");
        Process client = storing(b, "--json");
        server.toHandle().destroyForcibly();
        assertEquals(ExitCodes.ERROR, client.waitFor());
        String said = err(client);
        assertTrue(
                said.startsWith("quire: the connection is lost") && said.lines().count() == 1, said);
        assertFalse(Files.exists(b));
        assertTrue(Files.exists(socket));
        Run nobody = connect(b);
        assertEquals(ExitCodes.ERROR, nobody.code());
        assertTrue(nobody.err().contains("nobody listens there"), nobody::toString);
        Process again = serve("--json");
        BufferedReader answers = out(again);
        String ready = answers.readLine(); // while it serves, not when it ends
        assertTrue(again.isAlive(), ready);
        assertEquals(true, json(ready).get("ready"));
        assertEquals(0, connect(b).code());
        Run.ok("verify", b);
        end(again);
        List<String> rest = answers.lines().toList();
        assertEquals(1, rest.size(), rest::toString);
        assertTrue(((Number) json(rest.get(0)).get("seconds")).doubleValue() > 0, rest::toString);
    }

    private static Map<?, ?> json(String line) {
        return new Run(0, line.getBytes(StandardCharsets.UTF_8), "").json();
    }

    @Test
    void whatDoesNotGoTogetherMustBeSaid() throws IOException {
        Path b = dir.resolve("b");
        Run.failing(ExitCodes.USAGE, "backup", "--connect", socket, home, b);
        Run keep = Run.failing(ExitCodes.USAGE, "backup", "--connect", socket, "--keep-log", b);
        assertTrue(keep.err().contains("--keep-log"), keep::toString);
        Run.failing(ExitCodes.USAGE, "backup", home);
        Run connected = Run.failing(ExitCodes.USAGE, "backup", "--connect", socket);
        assertTrue(connected.err().contains("'DEST'") && !connected.err().contains("INSTANCE"), connected::toString);
        assertTrue(Run.failing(ExitCodes.USAGE, "backup").err().contains("'INSTANCE' and 'DEST'"));
        Run.failing(ExitCodes.NOT_FOUND, "backup", "--connect", socket, b);
        Run.failing(ExitCodes.USAGE, "serve", home);
        Run.failing(ExitCodes.USAGE, "serve", home, "--socket", socket, "--write-load", -1);
        Run.failing(ExitCodes.NOT_FOUND, "serve", dir.resolve("none"), "--socket", socket);
        Path mine = Files.writeString(dir.resolve("mine"), "mine");
        Run.failing(ExitCodes.ERROR, "serve", home, "--socket", mine);
        assertEquals("mine", Files.readString(mine));
        assertFalse(Files.exists(b) || Files.exists(dir.resolve("none")));
    }
}
