package dev.quire.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading entries and getting at them one by one and in order. */
class TableCommandsTest {

    @TempDir
    private Path dir;

    private Path home;

    @BeforeEach
    void fiveLines() throws IOException {
        home = dir.resolve("i");
        byte[] lines = "b\tvalue b\na\tvalue a\nd\tvalue d\tand more\ne\t\nc\tx\n".getBytes(StandardCharsets.UTF_8);
        lines[lines.length - 2] = (byte) 0xFF;
        Path file = Files.write(dir.resolve("lines"), lines);
        assertEquals(5L, Run.ok("load", home, "db", "t", file, "--json").json().get("rows"));
    }

    @Test
    void getMustWriteTheBytesOfTheValueAndNothingElse() {
        assertArrayEquals(
                new byte[] {(byte) 0xFF}, Run.ok("get", home, "db", "t", "c").out());
        assertArrayEquals(new byte[0], Run.ok("get", home, "db", "t", "e").out());
        assertEquals("value d\tand more", Run.ok("get", home, "db", "t", "d").text());
    }

    @Test
    void aKeyMustNotBeTakenForAFileOfArguments() throws IOException {
        String key = "@" + Files.writeString(dir.resolve("arguments"), "a");
        Run.ok("put", home, "db", "t", key, "at");
        assertEquals("at", Run.ok("get", home, "db", "t", key).text());
        assertEquals("value a", Run.ok("get", home, "db", "t", "a").text());
    }

    @Test
    void anArgumentThatLostItsBytesMustBeRefused() {
        String lost = "x\uFFFD";
        Run.failing(ExitCodes.USAGE, "put", home, "db", "t", lost, "v");
        Run.failing(ExitCodes.USAGE, "put", home, "db", "t", "k", lost);
        Run.failing(ExitCodes.USAGE, "put", home, "db", lost, "k", "v", "--create");
        Run.failing(ExitCodes.USAGE, "load", home, "db", lost, dir.resolve("lines"));
        Run.failing(ExitCodes.USAGE, "delete", home, "db", "t", lost);
        Run.failing(ExitCodes.USAGE, "scan", home, "db", "t", "--to", lost, "--escaped");
        assertEquals(5, Run.ok("scan", home, "db", "t").lines().size());
        Run.ok("put", home, "db", "t", "x\\xef\\xbf\\xbd", "v", "--escaped");
        assertEquals(
                List.of("x\\xef\\xbf\\xbd"),
                Run.ok("scan", home, "db", "t", "--keys-only", "--from", "x").lines());
    }

    @Test
    void outputThatNobodyReadsMustBeToldOnce() throws IOException {
        Path big = Files.write(dir.resolve("big"), new byte[200_000]);
        Run.ok("put", home, "db", "t", "big", "--value-from", big);
        for (String[] more : new String[][] {{"get", "big"}, {"get", "big", "--json"}, {"scan"}, {"scan", "--json"}}) {
            assertEquals(List.of("quire: standard output: Broken pipe"), errorsOf(more));
        }
    }

    private List<String> errorsOf(String... command) {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> args = new ArrayList<>(List.of(command));
        args.addAll(1, List.of(home.toString(), "db", "t"));
        PrintStream told = new PrintStream(err, true, StandardCharsets.UTF_8);
        assertEquals(ExitCodes.ERROR, Main.run(closed, told, false, new Cancellation(), args.toArray(String[]::new)));
        return err.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void scanMustPrintALineAnEntryInTheOrderOfTheKeys() {
        assertEquals(
                List.of("a\tvalue a", "b\tvalue b", "c\t\\xff", "d\tvalue d\\x09and more", "e\t"),
                Run.ok("scan", home, "db", "t").lines());
    }

    @Test
    void scanMustKeepItsBoundsInBothDirections() {
        Object[] keys = {"scan", home, "db", "t", "--keys-only"};
        assertEquals(List.of("b", "c"), with(keys, "--from", "b", "--to", "d"));
        assertEquals(List.of("c", "b"), with(keys, "--from", "b", "--to", "d", "--reverse"));
        assertEquals(List.of("e", "d"), with(keys, "--reverse", "--limit", "2"));
        assertEquals(List.of("a"), with(keys, "--limit", "1"));
        assertEquals(List.of(), with(keys, "--limit", "0"));
        assertEquals(List.of("c", "d", "e"), with(keys, "--from", "bb"));
        assertEquals(List.of("b", "a"), with(keys, "--to", "bb", "--reverse"));
        assertEquals(List.of(), with(keys, "--from", "d", "--to", "b"));
        assertEquals(List.of(), with(keys, "--from", "d", "--to", "b", "--reverse"));
        assertEquals(List.of("a", "b", "c", "d", "e"), with(keys, "--from", ""));
    }

    @Test
    void scanAsJsonMustBeOneObject() {
        Map<?, ?> json =
                Run.ok("scan", home, "db", "t", "--json", "--from", "c").json();
        assertEquals(3L, json.get("count"));
        assertEquals(Map.of("key", "c", "bytes", 1L, "value", "\\xff"), ((List<?>) json.get("entries")).get(0));
        Map<?, ?> none =
                Run.ok("scan", home, "db", "t", "--json", "--from", "x").json();
        assertEquals(List.of(), none.get("entries"));
    }

    @Test
    void putAndDeleteMustBeSeenByTheNextCommand() {
        assertEquals("", Run.ok("put", home, "db", "t", "new", "v").text());
        assertEquals("v", Run.ok("get", home, "db", "t", "new").text());
        assertEquals(
                false,
                Run.ok("put", home, "db", "t", "new", "w", "--json").json().get("new"));
        assertEquals("w", Run.ok("get", home, "db", "t", "new").text());
        assertEquals(
                true, Run.ok("delete", home, "db", "t", "new", "--json").json().get("deleted"));
        Run.failing(ExitCodes.NOT_FOUND, "get", home, "db", "t", "new");
        Run.failing(ExitCodes.NOT_FOUND, "delete", home, "db", "t", "new");
    }

    @Test
    void whatScanPrintsMustBeFoundAgainWithEscaped() {
        Run.ok("put", home, "db", "t", "k\\xff\\x00\\x5c", "v\\x01", "--escaped");
        assertArrayEquals(
                new byte[] {'v', 1},
                Run.ok("get", home, "db", "t", "k\\xff\\x00\\x5c", "--escaped").out());
        assertTrue(Run.ok("scan", home, "db", "t").lines().contains("k\\xff\\x00\\x5c\tv\\x01"));
        Run.failing(ExitCodes.NOT_FOUND, "get", home, "db", "t", "k\\xff\\x00\\x5c");
    }

    @Test
    void putMustTakeAValueOfAnyBytesFromAFile() throws IOException {
        byte[] value = new byte[3_000_001];
        new Random(1).nextBytes(value);
        Run.ok("put", home, "db", "t", "long", "--value-from", Files.write(dir.resolve("value"), value));
        assertArrayEquals(value, Run.ok("get", home, "db", "t", "long").out());
        Map<?, ?> json = Run.ok("get", home, "db", "t", "long", "--json").json();
        assertArrayEquals(value, Escapes.parse((String) json.get("value")));
    }

    @Test
    void putMustMakeNothingUnlessItIsTold() {
        Run.failing(ExitCodes.NOT_FOUND, "put", dir.resolve("other"), "db", "t", "k", "v");
        Run.failing(ExitCodes.NOT_FOUND, "put", home, "other", "t", "k", "v");
        Run.failing(ExitCodes.NOT_FOUND, "put", home, "db", "other", "k", "v");
        assertFalse(Files.exists(dir.resolve("other")));
        Run.ok("put", dir.resolve("other"), "db", "t", "k", "v", "--create");
        assertEquals("v", Run.ok("get", dir.resolve("other"), "db", "t", "k").text());
    }

    @Test
    void aTreeMustBeLoadedByRelativePathWithoutFollowingLinks() throws IOException {
        Path tree = Files.createDirectories(dir.resolve("tree"));
        Files.createDirectories(tree.resolve("a/b"));
        Files.writeString(tree.resolve("a/b/file"), "one");
        Files.writeString(tree.resolve("a.txt"), "two");
        Files.createFile(tree.resolve("empty"));
        Files.createSymbolicLink(tree.resolve("link"), dir.resolve("lines"));
        Files.createSymbolicLink(tree.resolve("a/up"), tree);
        Map<?, ?> json = Run.ok("load", home, "db", "files", tree, "--json").json();
        assertEquals(3L, json.get("rows"));
        assertEquals(2L, json.get("skipped"));
        assertEquals(
                List.of("a.txt\ttwo", "a/b/file\tone", "empty\t"),
                Run.ok("scan", home, "db", "files").lines());
    }

    @Test
    void anInstanceInsideOfTheTreeMustNotBeLoaded() throws IOException {
        Path tree = Files.createDirectories(dir.resolve("tree"));
        Files.writeString(tree.resolve("file"), "one");
        Run.ok("load", tree.resolve("own"), "db", "t", tree);
        assertEquals(
                List.of("file\tone"),
                Run.ok("scan", tree.resolve("own"), "db", "t").lines());
    }

    @Test
    void manyRowsMustBeLoadedInTransactionsThatFitSmallMemory() throws IOException {
        StringBuilder lines = new StringBuilder();
        Random random = new Random(7);
        for (int i = 0; i < 30_000; i++) {
            lines.append(Long.toHexString(random.nextLong()))
                    .append('\t')
                    .append(i)
                    .append('\n');
        }
        Path file = Files.writeString(dir.resolve("many"), lines);
        Map<?, ?> json = Run.ok("load", home, "db", "many", file, "--memory", "8m", "--json")
                .json();
        assertEquals(30_000L, json.get("rows"));
        assertEquals(
                30_000,
                Run.ok("scan", home, "db", "many", "--keys-only").lines().size());
    }

    @Test
    void aValueBeyondTheMemoryMustBeRefusedBeforeAnythingIsLoaded() throws IOException {
        Path tree = Files.createDirectories(dir.resolve("tree"));
        Files.write(tree.resolve("a"), new byte[10]);
        Files.write(tree.resolve("big"), new byte[5 << 20]);
        Run run = Run.failing(ExitCodes.ERROR, "load", home, "db", "files", tree, "--memory", "8m");
        assertTrue(run.err().contains("big") && run.err().contains("RECORD_TOO_BIG"), run.err());
        Run.failing(ExitCodes.NOT_FOUND, "scan", home, "db", "files");
        Run.ok("load", home, "db", "files", tree);
        assertEquals(5 << 20, Run.ok("get", home, "db", "files", "big").out().length);
    }

    @Test
    void aPathTooLongForAKeyMustBeNamedBeforeAnythingIsLoaded() throws IOException {
        Path tree = dir.resolve("tree");
        Path deep = tree;
        for (int i = 0; i < 6; i++) {
            deep = deep.resolve("d".repeat(200));
        }
        Files.createDirectories(deep);
        Files.writeString(tree.resolve("a"), "v");
        Files.writeString(deep.resolve("file"), "v");
        Run run = Run.failing(ExitCodes.ERROR, "load", home, "db", "files", tree);
        assertTrue(run.err().contains("/file") && run.err().contains("KEY_TOO_BIG"), run.err());
        Run.failing(ExitCodes.NOT_FOUND, "scan", home, "db", "files");
    }

    @Test
    void aWrongLineMustBeNamed() throws IOException {
        for (String wrong : List.of("a\tb\nno tab\n", "a\tb\n\tno key\n", "a\tb\n" + "k".repeat(2000) + "\tv\n")) {
            Path file = Files.writeString(dir.resolve("wrong"), wrong);
            Run run = Run.failing(ExitCodes.ERROR, "load", home, "db", "t", file);
            assertTrue(run.err().contains("wrong:2: "), run.err());
        }
    }

    private static List<String> with(Object[] args, Object... more) {
        Object[] all = java.util.Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        return Run.ok(all).lines();
    }
}
