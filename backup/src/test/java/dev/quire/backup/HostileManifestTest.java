package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.Attachment;
import dev.quire.io.Checksum;
import dev.quire.io.CorruptionException;
import dev.quire.io.FileStorage;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.log.Lsn;
import dev.quire.io.sim.SimDisk;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Manifests that somebody wrote by hand, with a checksum that is right: judged before anything rests on them. */
class HostileManifestTest {

    private static final List<String> NUMBERS = List.of(
            "-1",
            "0",
            "1",
            "2147483647",
            "2147483648",
            "4294967296",
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775808",
            "1e300",
            "1.5",
            "null",
            "true",
            "\"7\"",
            "[]",
            "{}",
            "99999999999999999999999");

    private static final List<String> NAMES = List.of(
            "../small",
            "/etc/passwd",
            "a/b",
            "a\\\\b",
            "..",
            ".",
            "",
            "C:x",
            "con",
            "quire",
            "nul.txt",
            "a\\u0000b",
            "small:stream",
            "x".repeat(65),
            "x".repeat(10_000),
            "\\u202e",
            "log/../small",
            "~",
            "-rf",
            "small ",
            "small.");

    private final Scene scene = Scene.filled(1);
    private final SimDisk disk = scene.disk();
    private final String body;
    private int judged;

    HostileManifestTest() {
        scene.backup(Scene.BACKUP, Progress.NONE);
        disk.recordTrace(false);
        String text = new String(disk.contents(Scene.BACKUP.resolve(Manifest.FILE)), StandardCharsets.UTF_8);
        body = text.substring(0, text.lastIndexOf("\n,\"crc32c\""));
    }

    private void plant(String changed) {
        byte[] bytes = changed.getBytes(StandardCharsets.UTF_8);
        String sum = String.format("\n,\"crc32c\":\"%08x\"}\n", Checksum.crc32c(bytes, 0, bytes.length));
        disk.plant(Scene.BACKUP.resolve(Manifest.FILE), (changed + sum).getBytes(StandardCharsets.UTF_8));
    }

    /** Neither verified nor restored, by a fault of ours and soon; or what was changed does not matter. */
    private void judge(String what, String changed) {
        judged++;
        plant(changed);
        List<String> faults;
        try {
            faults =
                    BackupVerification.verify(disk, Scene.BACKUP, Progress.NONE).faults();
        } catch (QuireException e) {
            faults = List.of(String.valueOf(e));
        }
        try {
            Scene.restore(disk, Scene.BACKUP, Scene.BACK, 1);
        } catch (QuireException e) {
            assertEquals(Storage.Kind.NONE, disk.kind(Scene.BACK), what);
            assertTrue(disk.list(Scene.ROOT).stream().noneMatch(name -> name.contains("restoring")), what);
            return;
        }
        assertEquals(null, CrashJudge.holds(disk, Scene.BACK, scene.contents()), what + " was restored, " + faults);
        disk.rename(Scene.BACK, Scene.ROOT.resolve("done" + judged));
    }

    private void refused(String what, String changed) {
        judged++;
        plant(changed);
        assertThrows(QuireException.class, () -> Manifest.read(disk, Scene.BACKUP), what);
        assertThrows(QuireException.class, () -> Scene.restore(disk, Scene.BACKUP, Scene.BACK, 1), what);
        assertEquals(Storage.Kind.NONE, disk.kind(Scene.BACK), what);
    }

    @Test
    void theManifestAsItWasMustBeAccepted() {
        plant(body);
        assertEquals(
                List.of(),
                BackupVerification.verify(disk, Scene.BACKUP, Progress.NONE).faults());
    }

    @Test
    void everyNumberThatCannotBeMustBeRefusedOrMakeNoDifference() {
        List<String> lines = new ArrayList<>(body.lines().toList());
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.matches(".*: \\d+,?")) {
                for (String number : NUMBERS) {
                    String end = line.endsWith(",") ? "," : "";
                    lines.set(i, line.substring(0, line.lastIndexOf(": ") + 2) + number + end);
                    judge(lines.get(i), String.join("\n", lines));
                }
                lines.set(i, line);
            }
        }
        assertTrue(judged > 200, "judged=" + judged);
    }

    @Test
    void aNameThatIsAPathMustBeRefused() {
        for (String name : NAMES) {
            refused(name, body.replace("\"small\"", '"' + name + '"'));
            String id = "\"id\" : \"" + name.replace("\\", "\\\\") + '"';
            refused(name, body.replaceFirst("\"id\" : \"[0-9a-f]{16}\"", id));
        }
    }

    @Test
    void aStructureThatCannotBeMustBeRefused() {
        refused("a key twice", body.replaceFirst("\\{", "{\"format\" : 2,"));
        refused("nested too deep", body.replaceFirst("\\{", "{\"deep\" : " + "[".repeat(500) + "]".repeat(500) + ','));
        refused("a long string", body.replaceFirst("\\{", "{\"long\" : \"" + "x".repeat(5_000) + "\","));
        refused("cut off", body.substring(0, body.length() / 2));
        refused("nothing", "");
        refused("an array", "[1");
        refused("another format", body.replaceFirst("\"format\" : 2", "\"format\" : 3"));
        refused("another kind", body.replaceFirst("\"full\"", "\"whole\""));
        refused("a database twice", body.replace("\"large\"", "\"small\""));
        refused("no generations", body.replaceFirst("(?s)\"generations\" : \\[.*\\]", "\"generations\" : []"));
        refused("a missing field", body.replaceFirst("\"end\" : \\d+,", ""));
        refused("a database too many", manyDatabases());
    }

    /** What may be published must be readable: as many generations and databases as can be, with the longest names. */
    @Test
    void theLargestManifestMustBeReadAndALargerOneRefused() {
        Manifest real = Manifest.read(disk, Scene.BACKUP);
        Manifest largest = sized(real, ManifestFormat.GENERATIONS_MAX);
        disk.plant(Scene.BACKUP.resolve(Manifest.FILE), largest.toJson().getBytes(StandardCharsets.UTF_8));
        assertEquals(largest, Manifest.read(disk, Scene.BACKUP));
        Manifest larger = sized(real, ManifestFormat.GENERATIONS_MAX + 1);
        disk.plant(Scene.BACKUP.resolve(Manifest.FILE), larger.toJson().getBytes(StandardCharsets.UTF_8));
        assertThrows(CorruptionException.class, () -> Manifest.read(disk, Scene.BACKUP));
    }

    private static Manifest sized(Manifest real, int count) {
        int high = Integer.MAX_VALUE - 1;
        List<Manifest.CopiedGeneration> generations = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            generations.add(new Manifest.CopiedGeneration(high - count + 1 + i, 1 << 30, -1));
        }
        List<Manifest.CopiedDatabase> databases = new ArrayList<>();
        for (int i = 0; i < 128; i++) {
            String name = String.format("%064d", i);
            databases.add(new Manifest.CopiedDatabase(
                    new Attachment(high - 1 - i, name, -2 - i, 65536, Long.MAX_VALUE >>> 1, Long.MAX_VALUE),
                    1L << 28,
                    1L << 28,
                    1L << 26,
                    -1));
        }
        return new Manifest(
                real.id(),
                real.kind(),
                "\\".repeat(128),
                Lsn.of(high, 4096),
                Long.MAX_VALUE,
                -1,
                1 << 30,
                Lsn.of(high, 4096),
                Lsn.of(high, 4096),
                Lsn.of(high, 1 << 30),
                high,
                null,
                databases,
                generations);
    }

    /** Longer than an array can be: whoever reads it whole before he looks at its size runs out of memory or worse. */
    @Test
    void aManifestThatIsTooLongMustBeRefusedUnread(@TempDir Path directory) throws IOException {
        for (long bytes : new long[] {(16 << 20) + 1, 3L << 30, 5L << 30}) {
            try (RandomAccessFile file =
                    new RandomAccessFile(directory.resolve(Manifest.FILE).toFile(), "rw")) {
                file.setLength(bytes);
            }
            CorruptionException refused =
                    assertThrows(CorruptionException.class, () -> Manifest.read(FileStorage.instance(), directory));
            assertEquals(QuireError.INVALID_BACKUP, refused.error());
            assertTrue(refused.getMessage().contains("bytes=" + bytes), refused.getMessage());
        }
    }

    private String manyDatabases() {
        int at = body.indexOf("\"databases\" : [") + "\"databases\" : [".length();
        String one = body.substring(body.indexOf('{', at), body.indexOf('}', at) + 1);
        StringBuilder many = new StringBuilder(body.substring(0, at));
        for (int i = 0; i < 2_000; i++) {
            String named = one.replace("\"small\"", "\"small" + i + '"');
            many.append(named.replaceFirst("\"id\" : \\d+", "\"id\" : " + (i + 9)))
                    .append(',');
        }
        return many + body.substring(at);
    }
}
