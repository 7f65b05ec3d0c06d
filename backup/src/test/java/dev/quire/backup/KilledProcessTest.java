package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.Instance;
import dev.quire.ReadTransaction;
import dev.quire.Table;
import dev.quire.io.FileStorage;
import dev.quire.io.Progress;
import dev.quire.io.Storage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes killed while they commit: the parent has their acknowledgements, and every one of them must be kept. */
class KilledProcessTest {

    private static final int KILLS = 20;
    private static final int THREADS = 3;
    /** Each child numbers its commits from its own round on, so that nothing is written twice. */
    private static final long ROUND = 1_000_000;

    private final SplittableRandom random = new SplittableRandom(1);

    @Test
    void everyAcknowledgedCommitMustBeThereAfterAKill(@TempDir Path directory) throws Exception {
        long commits = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Map<Integer, Long> last = killed(
                    kill * ROUND,
                    100 + random.nextInt(400),
                    0,
                    ChildProcess.of(List.of(), "load", directory.toString(), "" + THREADS, "" + kill * ROUND));
            commits += judge(directory, kill * ROUND, last);
        }
        assertTrue(commits >= 100 * KILLS, "commits=" + commits);
    }

    @Test
    void aKillInABackupMustLeaveItWholeOrAbsentAndTheInstanceWhole(@TempDir Path directory) throws Exception {
        int whole = 0;
        for (int kill = 0; kill < 5; kill++) {
            Map<Integer, Long> last = killed(
                    kill * ROUND,
                    60 + random.nextInt(200),
                    kill % 2, // some behind one backup at least, however slow the machine is
                    ChildProcess.of(List.of(), "backups", directory.toString(), "" + kill * ROUND));
            judge(directory, kill * ROUND, last);
            whole += judgeBackups(directory, kill * ROUND, last.getOrDefault(-1, -1L));
        }
        assertTrue(whole > 0, "no backup was published at all");
    }

    /** Runs a child until it has acknowledged so much, of it so many backups, kills it, and says what was last. */
    private static Map<Integer, Long> killed(long from, int after, int backups, ProcessBuilder builder)
            throws Exception {
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Map<Integer, Long> last = new HashMap<>();
        int seen = 0;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] parts = line.split(" ");
                long number = Long.parseLong(parts[1]);
                last.put(Integer.parseInt(parts[0]), number);
                if (++seen >= after && last.getOrDefault(-1, -1L) + 1 >= backups) {
                    process.toHandle().destroyForcibly(); // unlike the process, it leaves the pipe open
                }
            }
        } finally {
            process.toHandle().destroyForcibly();
            process.waitFor();
        }
        assertTrue(seen >= after, "the child ended by itself after " + seen + " from=" + from);
        return last;
    }

    private static long judge(Path directory, long from, Map<Integer, Long> last) {
        long commits = 0;
        try (Instance instance = Child.open(directory);
                ReadTransaction tx = instance.beginRead()) {
            Table table = tx.table(instance.database("db"), "t");
            for (Map.Entry<Integer, Long> each : last.entrySet()) {
                for (long number = from; each.getKey() >= 0 && number <= each.getValue(); number++, commits++) {
                    assertArrayEquals(Child.value(number), table.get(Child.key(each.getKey(), number)));
                }
            }
            assertEquals(List.of(), instance.check().faults());
        }
        return commits;
    }

    private static int judgeBackups(Path directory, long round, long acknowledged) throws IOException {
        Storage storage = FileStorage.instance();
        int whole = 0;
        for (int i = 0; i <= acknowledged + 1; i++) {
            Path backup = directory.resolve("backup" + round + '-' + i);
            boolean published = storage.kind(backup) == Storage.Kind.DIRECTORY
                    && storage.kind(backup.resolve(Manifest.FILE)) == Storage.Kind.FILE;
            assertTrue(published || i > acknowledged, "an acknowledged backup is not there");
            if (published && i >= acknowledged) {
                assertEquals(
                        List.of(),
                        BackupVerification.verify(storage, backup, Progress.NONE)
                                .faults());
                Path back = directory.resolve("back" + round + '-' + i);
                Restore.restore(storage, backup, back, Progress.NONE);
                try (Instance instance = Instance.open(back)) {
                    assertEquals(List.of(), instance.check().faults());
                }
                whole++;
            } else if (!published) {
                try (Instance instance = Child.open(directory)) {
                    Backup.full(instance, backup, Progress.NONE);
                }
                assertEquals(
                        List.of(),
                        BackupVerification.verify(storage, backup, Progress.NONE)
                                .faults());
            }
        }
        return whole;
    }
}
