package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.log.LogFiles;
import dev.quire.io.page.BackupStamp;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.sim.SimDisk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a caller has pulled and stored is a backup like any other, and reads the same however it is pulled. */
class ExternalRoundTripTest {

    private final ChainScene chain = new ChainScene(1);
    private final Scene scene = chain.scene;
    private final SimDisk disk = chain.disk();
    private final Puller busy = new Puller(disk, scene::work);

    private BackupReport pull(BackupKind kind, boolean truncating) {
        ExternalRequest request = ExternalRequest.of(kind);
        if (kind.buildsOnAnother()) {
            request = request.behind(BackupSet.read(disk, Scene.BACKUP));
        }
        return busy.take(scene.instance, request, Scene.BACKUP, truncating);
    }

    private List<BackupStamp> stamps() {
        DatabaseHeader header =
                scene.instance.engine().databases().iterator().next().file().header();
        return List.of(header.full(), header.incremental(), header.differential(), header.copy());
    }

    private static int high(BackupStamp stamp) {
        return stamp.generationHigh();
    }

    @Test
    void aFullThatIsPulledWhileOthersWriteMustVerifyAndRestore() {
        BackupReport report = pull(BackupKind.FULL, true);
        assertEquals(BackupKind.FULL, report.kind());
        chain.holds(Scene.BACKUP, report.end());
        BackupStamp full = stamps().get(0);
        assertEquals(report.generationHigh(), full.generationHigh());
        assertEquals(BackupKind.FULL, Manifest.read(disk, Scene.BACKUP).kind());
    }

    @Test
    void incrementalsAndDifferentialsThatArePulledMustRestoreBehindTheirFull() {
        pull(BackupKind.FULL, true);
        chain.work(3);
        BackupReport first = pull(BackupKind.INCREMENTAL, true);
        chain.holds(Scene.BACKUP, first.end());
        chain.work(3);
        BackupReport differential = pull(BackupKind.INCREMENTAL, false);
        assertEquals(BackupKind.DIFFERENTIAL, differential.kind());
        chain.holds(Scene.BACKUP, differential.end());
        chain.work(3);
        BackupReport other = pull(BackupKind.DIFFERENTIAL, false);
        assertEquals(BackupKind.DIFFERENTIAL, other.kind());
        BackupReport second = pull(BackupKind.INCREMENTAL, true);
        assertEquals(first.generationHigh() + 1, second.generationLow());
        assertEquals(high(stamps().get(1)), second.generationHigh());
        assertEquals(high(stamps().get(2)), other.generationHigh());
        chain.holds(Scene.BACKUP, second.end());
    }

    @Test
    void whatIsPulledAndWhatIsStreamedMustGoOnWithOneAnother() {
        chain.full();
        chain.work(3);
        pull(BackupKind.INCREMENTAL, true);
        chain.work(3);
        BackupReport report = chain.incremental();
        chain.holds(Scene.BACKUP, report.end());
        assertEquals(3, BackupSet.read(disk, Scene.BACKUP).chain().size());
    }

    @Test
    void aFullThatLetsNoLogGoMustBeACopyAndLeaveTheChain() {
        BackupReport full = chain.full();
        chain.work(3);
        int[] logs = chain.logs();
        for (BackupKind kind : List.of(BackupKind.FULL, BackupKind.COPY)) {
            Path to = Scene.ROOT.resolve("to" + kind);
            BackupReport copy = busy.take(scene.instance, ExternalRequest.of(kind), to, false);
            assertEquals(BackupKind.COPY, copy.kind());
            assertEquals(0, copy.released());
            assertEquals(logs[0], chain.logs()[0]);
            assertEquals(full.generationHigh(), high(stamps().get(0)));
            assertEquals(copy.generationHigh(), high(stamps().get(3)));
            chain.holds(to, copy.end());
        }
        BackupReport next = pull(BackupKind.INCREMENTAL, true);
        assertEquals(full.generationHigh() + 1, next.generationLow());
        chain.holds(Scene.BACKUP, next.end());
    }

    @Test
    void logMustGoAtTheEndAndNotBeforeAndAsItWasSaid() {
        chain.generations(4);
        try (ExternalBackup backup = ExternalBackup.begin(scene.instance, ExternalRequest.of(BackupKind.FULL))) {
            new Puller(disk, () -> {}).pull(backup, BackupKind.FULL, Scene.BACKUP, true);
            chain.generations(4); // which it does not have
            int[] before = chain.logs();
            List<String> expected = backup.truncateInfo();
            assertTrue(expected.size() >= 3, expected::toString);
            BackupReport report = backup.end(ExternalBackup.End.NORMAL);
            assertEquals(expected.size(), report.released());
            assertEquals(
                    expected,
                    Arrays.stream(before)
                            .filter(each -> each < chain.logs()[0])
                            .mapToObj(LogFiles::name)
                            .toList());
        }
        try (ExternalBackup copy = ExternalBackup.begin(scene.instance, ExternalRequest.of(BackupKind.COPY))) {
            copy.databases().forEach(file -> Puller.bytes(copy.open(file.name())));
            copy.logFiles();
            assertEquals(List.of(), copy.truncateInfo());
        }
    }

    @Test
    void sectionsAndReadingsThatGoOnMustBeTheSameBytes() throws IOException {
        try (ExternalBackup backup = ExternalBackup.begin(scene.instance, ExternalRequest.of(BackupKind.FULL))) {
            List<ExternalFile> files = new ArrayList<>(backup.databases());
            files.forEach(file -> Puller.bytes(backup.open(file.name())));
            for (ExternalFile file : files) {
                compare(backup, file);
            }
            for (ExternalFile file : backup.logFiles()) {
                compare(backup, file);
            }
        }
    }

    private static void compare(ExternalBackup backup, ExternalFile file) throws IOException {
        byte[] whole = Puller.bytes(backup.open(file.name()));
        assertEquals(file.bytes(), whole.length);
        for (int sections : new int[] {1, 3, 7, 1_000}) {
            ByteBuffer joined = ByteBuffer.allocate(whole.length);
            for (int section = 0; section < sections; section++) {
                joined.put(Puller.bytes(backup.open(file.name(), section, sections)));
            }
            assertArrayEquals(whole, joined.array(), file + " sections=" + sections);
        }
        for (long offset = 0; offset <= file.bytes(); offset += file.unitBytes()) {
            byte[] rest = Puller.bytes(backup.openAt(file.name(), offset));
            assertArrayEquals(Arrays.copyOfRange(whole, (int) offset, whole.length), rest, file + " offset=" + offset);
        }
        assertArrayEquals(whole, stream(backup.open(file.name())));
        ByteArrayOutputChannel channel = new ByteArrayOutputChannel();
        try (ExternalReader reader = backup.open(file.name())) {
            long done = 0;
            for (long step = 1; done < whole.length; step += 1_117) {
                done += reader.transferTo(channel, step);
                assertEquals(done, reader.position());
            }
            assertEquals(0, reader.transferTo(channel, 1));
            for (int again = 0; again < 3; again++) {
                assertEquals(-1, reader.read(ByteBuffer.allocate(1)));
            }
        }
        assertArrayEquals(whole, channel.bytes());
    }

    private static byte[] stream(ExternalReader reader) throws IOException {
        try (InputStream stream = Channels.newInputStream(reader)) {
            return stream.readAllBytes();
        }
    }

    /** The exact one, which is told beforehand: whether he leaves holes or stores every byte, and as a stream does. */
    @Test
    void everyFileMustHaveTheSameLengthWhoeverStoresIt() {
        Path holes = Scene.ROOT.resolve("holes");
        Puller idle = new Puller(disk, () -> {});
        scene.instance.checkpoint();
        idle.take(scene.instance, ExternalRequest.of(BackupKind.COPY), holes);
        chain.take(BackupKind.COPY, ChainScene.COPY);
        try (ExternalBackup backup = ExternalBackup.begin(scene.instance, ExternalRequest.of(BackupKind.COPY))) {
            for (ExternalFile file : backup.databases()) {
                assertEquals(file.bytes(), Puller.bytes(backup.open(file.name())).length);
                assertEquals(file.bytes(), length(holes, file.name()), file.name());
                assertEquals(file.bytes(), length(ChainScene.COPY, file.name()), file.name());
            }
        }
        List<Manifest.CopiedDatabase> copied = Manifest.read(disk, holes).databases();
        assertEquals(2, copied.size());
        for (Manifest.CopiedDatabase each : copied) {
            String name = '.' + each.attachment().name();
            UsageMap use = UsageMap.read(disk, file(holes, name + ".use"), each.useBytes(), each.useCrc());
            assertEquals(use.end() * each.attachment().pageSize(), length(holes, name + ".qdb"));
            assertTrue(use.end() < each.pages(), name);
        }
    }

    private Path file(Path directory, String name) {
        String suffix = name.substring(name.indexOf('.'));
        return directory.resolve(disk.list(directory).stream()
                .filter(each -> each.endsWith(suffix))
                .findFirst()
                .orElseThrow());
    }

    private long length(Path directory, String name) {
        return disk.contents(file(directory, name)).length;
    }

    @Test
    void anInstanceWithoutDatabasesMustBePulledAndRestored() {
        Scene empty = new Scene(new SimDisk(Scene.ROOT), Scene.ROOT, 1, config -> {});
        Puller puller = new Puller(empty.storage, () -> {});
        BackupReport report = puller.take(empty.instance, ExternalRequest.of(BackupKind.FULL), Scene.BACKUP);
        assertEquals(List.of(), report.databases());
        assertEquals(null, CrashJudge.whole(empty.disk(), end -> new Contents(), 1));
    }

    @Test
    void whatNobodyUsesMustBeZerosAndMayBeSkipped() {
        long page = scene.pages.get(0)[1];
        scene.commit(step -> {
            step.free(Scene.SMALL, page);
            scene.pages.get(0)[1] = 0;
        });
        scene.instance.checkpoint();
        try (ExternalBackup backup = ExternalBackup.begin(scene.instance, ExternalRequest.of(BackupKind.FULL))) {
            ExternalFile file = backup.databases().stream()
                    .filter(each -> each.name().endsWith("small.qdb"))
                    .findFirst()
                    .orElseThrow();
            byte[] whole = Puller.bytes(backup.open(file.name()));
            int at = (int) page * 4096;
            assertArrayEquals(new byte[4096], Arrays.copyOfRange(whole, at, at + 4096));
            try (ExternalReader reader = backup.openAt(file.name(), at)) {
                long skipped = reader.skipFree();
                assertTrue(skipped >= 4096 && skipped % 4096 == 0, () -> "skipped=" + skipped);
                assertEquals(at + skipped, reader.position());
                assertArrayEquals(new byte[(int) skipped], Arrays.copyOfRange(whole, at, at + (int) skipped));
                assertEquals(0, reader.skipFree());
            }
        }
    }
}
