package dev.quire.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quire.io.Checksum;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each file of ours, when it is not what it should be: the error's name, the exit code, and nothing is changed. */
class ForeignFilesTest {

    private static final int SLOT_BYTES = 16 << 10;
    private static final int KEPT_BYTES = 2_000;

    @TempDir
    private Path dir;

    private Path home;

    private enum Harm {
        MISSING,
        EMPTY,
        FOREIGN,
        TRUNCATED,
        HALF_WRITTEN,
        TOO_NEW
    }

    @BeforeEach
    void instance() {
        home = dir.resolve("i");
        Run.ok("put", home, "db", "t", "key", "value", "--create");
        Run.ok("put", home, "db", "t", "key", "later");
        Run.ok("backup", home, dir.resolve("b"));
    }

    @ParameterizedTest
    @CsvSource({
        "db.qdb, MISSING, ATTACHED_DATABASE_MISMATCH, 4",
        "db.qdb, EMPTY, DATABASE_CORRUPTED, 4",
        "db.qdb, FOREIGN, DATABASE_CORRUPTED, 4",
        "db.qdb, TRUNCATED, DATABASE_CORRUPTED, 4",
        "db.qdb, HALF_WRITTEN, DATABASE_CORRUPTED, 4",
        "db.qdb, TOO_NEW, INVALID_DATABASE_VERSION, 1",
        "quire.chk, MISSING, CHECKPOINT_FILE_NOT_FOUND, 4",
        "quire.chk, EMPTY, CHECKPOINT_CORRUPT, 4",
        "quire.chk, FOREIGN, CHECKPOINT_CORRUPT, 4",
        "quire.chk, TRUNCATED, CHECKPOINT_CORRUPT, 4",
        "quire.chk, HALF_WRITTEN, CHECKPOINT_CORRUPT, 4",
        "quire.chk, TOO_NEW, BAD_LOG_VERSION, 1",
        "quire.guard, MISSING, FILE_NOT_FOUND, 4",
        "quire.guard, EMPTY, CHECKPOINT_CORRUPT, 4",
        "quire.guard, TRUNCATED, CHECKPOINT_CORRUPT, 4",
        "quire.guard, TOO_NEW, BAD_LOG_VERSION, 1",
        "LAST, MISSING, REQUIRED_LOG_FILES_MISSING, 4",
        "LAST, EMPTY, LOG_FILE_CORRUPT, 4",
        "LAST, FOREIGN, LOG_FILE_CORRUPT, 4",
        "LAST, TRUNCATED, LOG_FILE_CORRUPT, 4",
        "LAST, HALF_WRITTEN, LOG_FILE_CORRUPT, 4",
        "LAST, TOO_NEW, BAD_LOG_VERSION, 1"
    })
    void aFileOfAnInstanceMustBeRefusedByName(String name, Harm harm, String error, int code) throws IOException {
        Path file = name.equals("LAST") ? lastStarted() : home.resolve(name);
        harm(file, harm);
        Map<String, Integer> before = bytes(home);
        refused(error, code, Run.of("check", home, "--json"));
        assertEquals(before, bytes(home), "something was changed");
    }

    /** What a guard holds counts only where a page is torn; its size is all that can be foreign about it. */
    @ParameterizedTest
    @CsvSource({"FOREIGN", "HALF_WRITTEN"})
    void aGuardWithoutACopyMustDo(Harm harm) throws IOException {
        harm(home.resolve("quire.guard"), harm);
        assertEquals("later", Run.ok("get", home, "db", "t", "key").text());
    }

    @ParameterizedTest
    @CsvSource({"MISSING, 4", "EMPTY, 4", "FOREIGN, 4", "TRUNCATED, 4", "HALF_WRITTEN, 4", "TOO_NEW, 1"})
    void aManifestMustBeRefusedByName(Harm harm, int code) throws IOException {
        Path backup = dir.resolve("b");
        harm(backup.resolve("manifest.json"), harm);
        Map<String, Integer> before = bytes(backup);
        refused("INVALID_BACKUP", code, Run.of("verify", backup, "--json"));
        refused("INVALID_BACKUP", code, Run.of("restore", backup, dir.resolve("r"), "--json"));
        assertEquals(before, bytes(backup), "something was changed");
        assertEquals(false, Files.exists(dir.resolve("r")));
    }

    private static void refused(String error, int code, Run run) {
        assertEquals(error + ' ' + code, run.json().get("error") + " " + run.code(), run::toString);
    }

    /** The last generation that has started, as the newest slot has it: behind it stand some that were made ready. */
    private Path lastStarted() throws IOException {
        ByteBuffer slots =
                ByteBuffer.wrap(Files.readAllBytes(home.resolve("quire.chk"))).order(ByteOrder.LITTLE_ENDIAN);
        return home.resolve("log").resolve(String.format("%08x.qlog", slots.getInt(newest(slots) + 40)));
    }

    private static int newest(ByteBuffer slots) {
        return slots.getLong(8) > slots.getLong(SLOT_BYTES + 8) ? 0 : SLOT_BYTES;
    }

    private static void harm(Path file, Harm harm) throws IOException {
        byte[] good = Files.readAllBytes(file);
        switch (harm) {
            case MISSING -> Files.delete(file);
            case EMPTY -> Files.write(file, new byte[0]);
            case FOREIGN -> {
                byte[] bytes = new byte[good.length];
                new SplittableRandom(1).nextBytes(bytes);
                Files.write(file, bytes);
            }
            case TRUNCATED -> Files.write(file, Arrays.copyOf(good, Math.min(good.length / 3, 4_500)));
            case HALF_WRITTEN -> {
                int kept = Math.min(good.length / 2, KEPT_BYTES);
                Files.write(file, Arrays.copyOf(Arrays.copyOf(good, kept), good.length));
            }
            case TOO_NEW -> Files.write(file, newer(file.getFileName().toString(), good));
        }
    }

    /** What a later version would write: another number in the place that all keep, and checksums that hold. */
    private static byte[] newer(String name, byte[] good) {
        ByteBuffer bytes = ByteBuffer.wrap(good.clone()).order(ByteOrder.LITTLE_ENDIAN);
        if (name.endsWith(".qdb")) {
            for (int copy = 0; copy <= 8192; copy += 8192) {
                bytes.putInt(copy + 40, 2).putInt(copy + 4092, Checksum.crc32c(bytes.array(), copy + 4, 4088));
            }
        } else if (name.endsWith(".qlog")) {
            bytes.putInt(12, 2).putInt(8, Checksum.crc32c(bytes.array(), 12, 4096 - 12));
        } else if (name.equals("quire.chk")) {
            // The newest slot alone: the older one must not be believed in its place.
            int slot = newest(bytes);
            int end = SLOT_BYTES - 4;
            bytes.putInt(slot + 4, 2).putInt(slot + end, Checksum.crc32c(bytes.array(), slot, end));
        } else if (name.equals("quire.guard")) {
            bytes.putInt(0, 0x44524751).putInt(24, 2).putInt(28, Checksum.crc32c(bytes.array(), 0, 28));
        } else {
            String text = new String(good, StandardCharsets.UTF_8);
            String body =
                    text.substring(0, text.lastIndexOf("\n,\"crc32c\"")).replace("\"format\" : 2", "\"format\" : 3");
            byte[] sum = body.getBytes(StandardCharsets.UTF_8);
            return (body + String.format("\n,\"crc32c\":\"%08x\"}\n", Checksum.crc32c(sum, 0, sum.length)))
                    .getBytes(StandardCharsets.UTF_8);
        }
        return bytes.array();
    }

    private static Map<String, Integer> bytes(Path directory) throws IOException {
        Map<String, Integer> sums = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sums.put(directory.relativize(file).toString(), Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return sums;
    }
}
