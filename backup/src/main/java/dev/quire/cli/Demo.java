package dev.quire.cli;

import dev.quire.Cursor;
import dev.quire.Database;
import dev.quire.Instance;
import dev.quire.ReadTransaction;
import dev.quire.Table;
import dev.quire.backup.Backup;
import dev.quire.backup.BackupReport;
import dev.quire.backup.BackupVerification;
import dev.quire.backup.Restore;
import dev.quire.backup.RestoreReport;
import dev.quire.backup.VerifyReport;
import dev.quire.io.FileStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The whole life of a backup on real data: load, back up while a writer commits, verify, lose the instance without
 * closing it, restore elsewhere, compare every byte with where it came from.
 */
final class Demo {

    private static final String DATABASE = "jdk";
    private static final String FILES = "files";
    private static final int DIFFERENCES_MAX = 20;

    /** What is not as it should be; more than a few need not be told. */
    static final class Differences {

        private final List<String> told = new ArrayList<>();
        private long count;

        void add(String what) {
            count++;
            if (told.size() < DIFFERENCES_MAX) {
                told.add(what);
            }
        }

        boolean isEmpty() {
            return count == 0;
        }
    }

    private final JdkImage image = new JdkImage();
    private final List<JdkImage.Entry> entries;
    private final long entryBytes;
    private final ProgressLine progress;
    private final List<Report> phases = new ArrayList<>();
    private final Differences differences = new Differences();
    private final Report facts = new Report();
    private long commitsRequired;
    private long verifiedPages;

    Demo(long limit, ProgressLine progress) throws IOException {
        this.progress = progress;
        this.entries = image.entries(limit);
        this.entryBytes = entries.stream().mapToLong(JdkImage.Entry::bytes).sum();
    }

    /** Whether every byte was found again. */
    boolean isEqual() {
        return differences.isEmpty();
    }

    /** All that was done and found. */
    Report report() {
        return new Report()
                .add("source", "jrt:/ of Java " + Runtime.version())
                .add("entries", entries.size())
                .bytes("bytes", entryBytes)
                .part("commits", facts)
                .add("verifiedPages", verifiedPages)
                .table("phases", phases)
                .lines("differences", differences.told)
                .add(
                        "result",
                        isEqual()
                                ? "every byte is there"
                                : "DIFFERENT: " + differences.count + " entries are not what was committed");
    }

    /** Loads, backs up and verifies, and leaves the instance as a crash would. */
    void untilLoss(Path home, Path backup) throws IOException, InterruptedException {
        Instance instance = Instance.open(home);
        try {
            Database database = instance.openOrCreate(DATABASE);
            load(instance, database);
            DemoWriter writer = new DemoWriter(instance, database);
            writer.start();
            long before = writer.acknowledged();
            BackupReport copied = Backup.full(instance, backup, progress);
            long after = writer.acknowledged();
            phase("backup", copied.pageBytes() + copied.logBytes(), copied.nanos());
            verify(backup);
            writer.expectTheEnd();
            instance.halt();
            writer.join();
            facts.add("beforeBackup", before)
                    .add("duringBackup", after - before)
                    .add("acknowledged", writer.acknowledged());
            commitsRequired = Math.max(before, writer.acknowledgedBy(copied.consistentFrom()));
        } finally {
            instance.halt();
        }
    }

    /** Restores, and compares with where everything came from. */
    void fromBackup(Path backup, Path home) throws IOException {
        RestoreReport restored = Restore.restore(FileStorage.instance(), backup, home, progress);
        phase("restore", restored.bytes(), restored.nanos());
        long start = System.nanoTime();
        try (Instance instance = Instance.open(home);
                ReadTransaction tx = instance.beginRead()) {
            Database database = instance.database(DATABASE);
            compare(tx.table(database, FILES));
            long count = DemoWriter.count(tx, database, differences);
            facts.add("required", commitsRequired).add("restored", count);
            if (count < commitsRequired) {
                differences.add("commits=" + count + " are there of " + commitsRequired + " that must be");
            }
        }
        phase("compare", entryBytes, System.nanoTime() - start);
    }

    private void load(Instance instance, Database database) throws IOException {
        long start = System.nanoTime();
        long memoryBytes = instance.stats().memoryBytesMax();
        try (Loader loader = new Loader(instance, database, FILES, memoryBytes)) {
            long done = 0;
            for (JdkImage.Entry entry : entries) {
                loader.put(entry.key(), image.read(entry), entry.name());
                done += entry.bytes();
                progress.step("loading", done, entryBytes);
            }
            loader.finish();
        }
        phase("load", entryBytes, System.nanoTime() - start);
    }

    private void verify(Path backup) {
        long start = System.nanoTime();
        VerifyReport found = BackupVerification.verify(FileStorage.instance(), backup, progress);
        phase("verify", found.pageBytes() + found.logBytes(), System.nanoTime() - start);
        verifiedPages = found.pages();
        found.faults().forEach(fault -> differences.add("backup: " + fault));
    }

    private void compare(Table table) throws IOException {
        long done = 0;
        for (JdkImage.Entry entry : entries) {
            if (!Arrays.equals(table.get(entry.key()), image.read(entry))) {
                differences.add("entry " + entry.name());
            }
            done += entry.bytes();
            progress.step("comparing", done, entryBytes);
        }
        long count = 0;
        Cursor cursor = table.cursor();
        for (boolean there = cursor.first(); there; there = cursor.next()) {
            count++;
        }
        if (count != entries.size()) {
            differences.add("entries=" + count + " are in the table, loaded=" + entries.size());
        }
    }

    private void phase(String name, long bytes, long nanos) {
        phases.add(new Report().add("phase", name).bytes("bytes", bytes).took(bytes, nanos));
    }
}
