package dev.quire.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Database;
import dev.quire.Instance;
import dev.quire.WriteTransaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The second reader on files that are whole and on files that are not. */
class DumpTest {

    private static final int PAGE_BYTES = 8192;

    @TempDir
    private Path dir;

    private Path home;
    private Path database;

    @BeforeEach
    void instance() throws IOException {
        home = dir.resolve("i");
        database = home.resolve("db.qdb");
        try (Instance open =
                Instance.configure(home).logGenerationBytes(1 << 20).open()) {
            Database db = open.createDatabase("db");
            Random random = new Random(5);
            for (int commit = 0; commit < 20; commit++) {
                try (WriteTransaction tx = open.beginWrite()) {
                    for (int i = 0; i < 50; i++) {
                        byte[] key = new byte[16];
                        random.nextBytes(key);
                        tx.openOrCreateTable(db, "t").put(key, new byte[i == 49 ? 20_000 : 100]);
                    }
                    tx.commit();
                }
            }
        }
    }

    @Test
    void bothReadersMustAgreeOnEverything() {
        assertAgreed(Run.ok("dump", "header", database, "--cross-check", "--json"));
        assertAgreed(Run.ok("dump", "page", database, "--cross-check", "--json"));
        assertAgreed(Run.ok("dump", "page", database, 4, "--cross-check", "--json"));
        assertAgreed(Run.ok("dump", "log", home, "--cross-check", "--json"));
        assertAgreed(Run.ok("dump", "checkpoint", home, "--cross-check", "--json"));
    }

    @Test
    void theyMustSpeakToPeopleToo() {
        assertTrue(Run.ok("dump", "header", database).text().contains("signature"));
        assertTrue(Run.ok("dump", "page", database).text().contains("tree leaf"));
        assertTrue(Run.ok("dump", "page", database, 0).text().contains("# crc "));
        assertTrue(Run.ok("dump", "page", database, 5).text().contains("# heads "));
        assertTrue(Run.ok("dump", "log", home, "--records").text().contains("COMMIT length=24 records="));
        assertTrue(
                Run.ok("dump", "checkpoint", home.resolve("quire.chk")).text().contains("redo start"));
    }

    @Test
    void aLogMustListEveryRecordAndSayWhyItEnds() {
        Map<?, ?> json = Run.ok("dump", "log", home, "--records", "--json").json();
        int commits = 0;
        int begins = 0;
        for (Object each : (List<?>) json.get("generations")) {
            Map<?, ?> generation = (Map<?, ?>) each;
            assertNotNull(generation.get("endsBecause"));
            long listed = 0;
            for (Object batch : (List<?>) generation.get("listed")) {
                for (Object record : (List<?>) ((Map<?, ?>) batch).get("content")) {
                    Object type = ((Map<?, ?>) record).get("type");
                    commits += "COMMIT".equals(type) ? 1 : 0;
                    begins += "BEGIN".equals(type) ? 1 : 0;
                    listed++;
                }
            }
            assertEquals(generation.get("records"), listed);
        }
        assertEquals(20, commits);
        assertTrue(begins > 0);
    }

    @Test
    void aDamagedHeaderMustBeShownAllTheSame() throws IOException {
        byte[] whole = Files.readAllBytes(database);
        flip(whole, 100);
        Files.write(database, whole);
        Map<?, ?> json = Run.failing(ExitCodes.CORRUPT, "dump", "header", database, "--cross-check", "--json")
                .json();
        assertEquals("shadow", json.get("counts"));
        assertEquals("both readers agree", json.get("crossCheck"));
        assertEquals(2, ((List<?>) json.get("copies")).size());
        flip(whole, PAGE_BYTES + 100);
        Files.write(database, whole);
        json = Run.failing(ExitCodes.CORRUPT, "dump", "header", database, "--cross-check", "--json")
                .json();
        assertEquals("neither", json.get("counts"));
        assertEquals("both readers agree", json.get("crossCheck"));
        Run.failing(ExitCodes.CORRUPT, "dump", "page", database, 4);
        assertTrue(Run.of("dump", "page", database, 4, "--page-size", PAGE_BYTES)
                .text()
                .contains("# dbtime "));
    }

    @Test
    void aFreePageMustNotBeCalledCorrupt() throws IOException {
        byte[] whole = Files.readAllBytes(database);
        Files.write(database, Arrays.copyOf(whole, whole.length + PAGE_BYTES));
        Run run = Run.ok("dump", "page", database, whole.length / PAGE_BYTES);
        assertTrue(run.text().contains("verdict   free: "), run::toString);
    }

    @Test
    void everyKindOfDamageMustBeJudgedAlikeByBothReaders() throws IOException {
        byte[] whole = Files.readAllBytes(database);
        Random random = new Random(11);
        Path copy = dir.resolve("copy.qdb");
        for (int i = 0; i < 40; i++) {
            byte[] damaged = whole.clone();
            int page = 2 + random.nextInt(20);
            flip(damaged, page * PAGE_BYTES + (i % 2 == 0 ? random.nextInt(64) : random.nextInt(PAGE_BYTES)));
            Files.write(copy, damaged);
            Run run = Run.of("dump", "page", copy, page, "--cross-check", "--json");
            assertEquals("both readers agree", run.json().get("crossCheck"), run::toString);
            String verdict =
                    ((Map<?, ?>) run.json().get("header")).get("verdict").toString();
            boolean isPage = !verdict.startsWith("free: ") && !verdict.equals("inside of an extent");
            assertEquals(isPage ? ExitCodes.CORRUPT : ExitCodes.OK, run.code(), run::toString);
            assertEquals(isPage ? 1 : 0, run.err().lines().count(), run::toString);
            Run all = Run.of("dump", "page", copy, "--cross-check", "--json");
            assertEquals("both readers agree", all.json().get("crossCheck"), all::toString);
        }
    }

    @Test
    void aTornLogMustBeShownUpToItsEnd() throws IOException {
        Path log = generations().get(0);
        byte[] whole = Files.readAllBytes(log);
        long records = (Long)
                first(Run.ok("dump", "log", log, "--json", "--no-records")).get("records");
        flip(whole, 6000);
        Files.write(log, whole);
        Map<?, ?> json =
                Run.failing(ExitCodes.CORRUPT, "dump", "log", log, "--json").json();
        Map<?, ?> generation = (Map<?, ?>) ((List<?>) json.get("generations")).get(0);
        assertEquals(true, generation.get("damaged"));
        assertTrue((Long) generation.get("records") < records);
        assertTrue((Long) generation.get("batchHeadersBehind") > 0);
        assertEquals(
                true,
                first(Run.failing(ExitCodes.CORRUPT, "dump", "log", log, "--json"))
                        .get("good"));
    }

    @Test
    void foreignAndTruncatedFilesMustBeSaidToBeWhatTheyAre() throws IOException {
        Path foreign = Files.write(dir.resolve("foreign"), new byte[100_000]);
        Path empty = Files.createFile(dir.resolve("empty"));
        Path stub = Files.write(dir.resolve("stub"), java.util.Arrays.copyOf(Files.readAllBytes(database), 5000));
        for (Path wrong : List.of(foreign, empty, stub)) {
            Run.failing(ExitCodes.CORRUPT, "dump", "header", wrong, "--cross-check");
            Run.failing(ExitCodes.CORRUPT, "dump", "page", wrong);
            Run.failing(ExitCodes.CORRUPT, "dump", "log", wrong, "--cross-check");
            Run.failing(ExitCodes.CORRUPT, "dump", "checkpoint", wrong, "--cross-check");
        }
        Path link = Files.createSymbolicLink(dir.resolve("link"), database);
        Run.failing(ExitCodes.ERROR, "dump", "header", link);
        Run.failing(ExitCodes.NOT_FOUND, "dump", "page", database, 1_000_000);
        Run.failing(ExitCodes.NOT_FOUND, "dump", "page", database, -1);
    }

    @Test
    void aDumpMustChangeNothing() throws IOException {
        byte[] before = Files.readAllBytes(database);
        byte[] checkpoint = Files.readAllBytes(home.resolve("quire.chk"));
        Run.ok("dump", "header", database, "--cross-check");
        Run.ok("dump", "log", home, "--cross-check");
        Run.ok("dump", "checkpoint", home, "--cross-check");
        assertEquals(-1, java.util.Arrays.mismatch(before, Files.readAllBytes(database)));
        assertEquals(-1, java.util.Arrays.mismatch(checkpoint, Files.readAllBytes(home.resolve("quire.chk"))));
    }

    @Test
    void bytesMustLookTheSameWithAndWithoutTheLibrary() throws IOException {
        byte[] bytes = java.util.Arrays.copyOf(Files.readAllBytes(database), 6 * PAGE_BYTES);
        List<RawBytes> readers = new ArrayList<>(List.of(new PlainBytes(bytes), RawBytes.of(bytes)));
        if (Runtime.version().feature() < 24) {
            assertTrue(readers.get(1) instanceof ChronicleBytes, "the library must be in use where it can be");
        }
        Random random = new Random(2);
        for (int i = 0; i < 1000; i++) {
            int at = random.nextInt(bytes.length - 8);
            assertEquals(readers.get(0).u8(at), readers.get(1).u8(at));
            assertEquals(readers.get(0).u16(at), readers.get(1).u16(at));
            assertEquals(readers.get(0).i32(at), readers.get(1).i32(at));
            assertEquals(readers.get(0).i64(at), readers.get(1).i64(at));
        }
        String plain = PageDecoder.draw(readers.get(0), 1L << 33);
        assertEquals(plain, PageDecoder.draw(readers.get(1), 1L << 33));
    }

    private List<Path> generations() throws IOException {
        try (Stream<Path> files = Files.list(home.resolve("log"))) {
            return files.filter(file -> file.toString().endsWith(".qlog"))
                    .sorted()
                    .toList();
        }
    }

    private static Map<?, ?> first(Run run) {
        return (Map<?, ?>) ((List<?>) run.json().get("generations")).get(0);
    }

    private static void assertAgreed(Run run) {
        assertEquals("both readers agree", run.json().get("crossCheck"), run::toString);
        assertEquals(List.of(), run.json().get("differences"));
    }

    private static void flip(byte[] bytes, int at) {
        bytes[at] ^= 4;
    }
}
