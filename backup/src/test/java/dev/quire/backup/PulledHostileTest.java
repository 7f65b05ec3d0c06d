package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Fear: who offers a backup lies, or what he sends is changed on the way; and it is stored somewhere, or published. */
class PulledHostileTest {

    private final ChainScene chain = new ChainScene(1);
    private final SimDisk store = new SimDisk(Scene.ROOT);

    /** One that somebody else has made worse. */
    private interface Worse {
        Object of(String method, Object[] given, Object result);
    }

    private BackupReport take(BackupKind kind, Worse worse) {
        BackupRequest request = BackupRequest.of(kind)
                .to(Scene.BACKUP)
                .createPathIfNotExist(true)
                .conclude();
        LocalOffer good = new LocalOffer(chain.scene.instance, Duration.ofMinutes(5));
        BackupOffer offer = Proxies.proxy(BackupOffer.class, (method, given) -> {
            if (worse.of("before " + method.getName(), given, null) != null) {
                return null;
            }
            return worse.of(method.getName(), given, Proxies.invoke(method, good, given));
        });
        return PulledBackup.run(() -> offer, store, request, false);
    }

    private static Worse files(String which, UnaryOperator<List<ExternalFile>> change) {
        return (method, given, result) -> {
            if (!method.equals(which)) {
                return result;
            }
            List<ExternalFile> files = new ArrayList<>();
            ((List<?>) result).forEach(each -> files.add((ExternalFile) each));
            return change.apply(files);
        };
    }

    private static Worse first(String which, UnaryOperator<ExternalFile> change) {
        return files(which, files -> {
            files.set(0, change.apply(files.get(0)));
            return files;
        });
    }

    /** Changes one byte of files with that ending, behind a position. */
    private static Worse flipped(String suffix, long at) {
        return (method, given, result) -> {
            if (method.equals("before read") && ((String) given[0]).endsWith(suffix)) {
                given[1] = flipping((BackupOffer.Target) given[1], at);
            }
            return result;
        };
    }

    private static BackupOffer.Target flipping(BackupOffer.Target target, long at) {
        long[] position = {0};
        return new BackupOffer.Target() {
            @Override
            public void zeros(long bytes) {
                position[0] += bytes;
                target.zeros(bytes);
            }

            @Override
            public void bytes(ByteBuffer bytes) {
                ByteBuffer copy = ByteBuffer.allocateDirect(bytes.remaining());
                copy.put(bytes).flip();
                if (position[0] <= at && at < position[0] + copy.limit()) {
                    copy.put((int) (at - position[0]), (byte) (copy.get((int) (at - position[0])) ^ 16));
                }
                position[0] += copy.limit();
                target.bytes(copy);
            }
        };
    }

    /** Changes the whole of a short file. */
    private static BackupOffer.Target changing(BackupOffer.Target target, UnaryOperator<byte[]> change) {
        return new BackupOffer.Target() {
            @Override
            public void zeros(long bytes) {
                target.zeros(bytes);
            }

            @Override
            public void bytes(ByteBuffer bytes) {
                byte[] all = new byte[bytes.remaining()];
                bytes.get(all);
                target.bytes(ByteBuffer.wrap(change.apply(all)));
            }
        };
    }

    /** What somebody says instead of what is so; with another change something else. */
    private interface Lie {
        Manifest of(Manifest good, int change);
    }

    /** A manifest of the same length, which verifies. */
    private static Worse manifest(Lie lie) {
        return (method, given, result) -> {
            if (method.equals("before read") && ((String) given[0]).endsWith(".json")) {
                given[1] = changing((BackupOffer.Target) given[1], text -> {
                    Manifest good = Manifest.of(Scene.BACKUP, text);
                    return IntStream.rangeClosed(1, 1_000)
                            .mapToObj(change -> lie.of(good, change).toJson().getBytes(StandardCharsets.UTF_8))
                            .filter(bad -> bad.length == text.length)
                            .findFirst()
                            .orElseThrow();
                });
            }
            return result;
        };
    }

    private static Manifest ofOtherLog(Manifest good, int change) {
        List<Manifest.CopiedGeneration> log = new ArrayList<>(good.generations());
        Manifest.CopiedGeneration last = log.remove(log.size() - 1);
        log.add(new Manifest.CopiedGeneration(last.generation(), last.closingOffset(), last.chain() ^ change));
        return with(good, good.databases(), log);
    }

    private static Manifest ofOtherMap(Manifest good, int change) {
        List<Manifest.CopiedDatabase> databases = new ArrayList<>(good.databases());
        Manifest.CopiedDatabase last = databases.remove(databases.size() - 1);
        databases.add(new Manifest.CopiedDatabase(
                last.attachment(), last.pages(), last.usedPages(), last.useBytes(), last.useCrc() ^ change));
        return with(good, databases, good.generations());
    }

    private static Manifest with(
            Manifest good, List<Manifest.CopiedDatabase> databases, List<Manifest.CopiedGeneration> log) {
        return new Manifest(
                good.id(),
                good.kind(),
                good.label(),
                good.mark(),
                good.createdMs(),
                good.logSignature(),
                good.generationBytes(),
                good.redoStart(),
                good.consistentFrom(),
                good.end(),
                good.nextDatabaseId(),
                good.builtOn(),
                databases,
                log);
    }

    private static ExternalFile named(ExternalFile file, String name) {
        return new ExternalFile(name, file.bytes(), file.unitBytes());
    }

    private static ExternalFile longer(ExternalFile file, long by) {
        return new ExternalFile(file.name(), file.bytes() + by, file.unitBytes());
    }

    private static Map<String, Worse> lies() {
        Map<String, Worse> lies = new LinkedHashMap<>();
        for (String which : List.of("databases", "logFiles")) {
            lies.put(which + " above", first(which, file -> named(file, "../" + file.name())));
            lies.put(
                    which + " below",
                    first(which, file -> named(file, file.name().replace(".", "/"))));
            lies.put(
                    which + " of another",
                    first(which, file -> named(file, "0" + file.name().substring(1) + "x")));
            lies.put(
                    which + " is the mark",
                    first(which, file -> named(file, file.name().substring(0, 17) + "manifest")));
            lies.put(which + " too long", first(which, file -> longer(file, file.unitBytes())));
            lies.put(which + " too short", first(which, file -> longer(file, -file.unitBytes())));
            lies.put(which + " huge", first(which, file -> longer(file, Long.MAX_VALUE - file.bytes())));
            lies.put(which + " negative", first(which, file -> longer(file, -2 * file.bytes())));
            lies.put(which + " no unit", first(which, file -> new ExternalFile(file.name(), file.bytes(), 0)));
            lies.put(which + " one is missing", files(which, files -> files.subList(1, files.size())));
            lies.put(which + " none", files(which, files -> List.of()));
            lies.put(which + " one twice", files(which, files -> {
                files.add(files.get(0));
                return files;
            }));
        }
        for (long at : new long[] {100, 4096 + 100, 2 * 4096 + 100, 3 * 4096 + 500}) {
            lies.put("page byte " + at, flipped("small.qdb", at));
        }
        for (long at : new long[] {10, 600, 5_000}) {
            lies.put("log byte " + at, flipped(".qlog", at));
        }
        lies.put("use byte", flipped("small.use", 1));
        lies.put("manifest byte", flipped("manifest.json", 100));
        lies.put("all databases above", (method, given, result) -> {
            if (method.equals("before read")) { // what they are called with us is no matter of his
                given[0] = ((String) given[0]).replace("../", "");
            }
            return files(
                            "databases",
                            files -> files.stream()
                                    .map(file -> named(file, "../" + file.name()))
                                    .toList())
                    .of(method, given, result);
        });
        lies.put("manifest of other log", manifest(PulledHostileTest::ofOtherLog));
        lies.put("manifest of another map", manifest(PulledHostileTest::ofOtherMap));
        lies.put("a copy", (method, given, result) -> method.equals("before truncate") ? "skipped" : result);
        return lies;
    }

    @Test
    void aLieMustBeRefusedAndNothingBeLeftOfIt() {
        lies().forEach((name, lie) -> {
            QuireException refused = Faults.of(() -> take(BackupKind.FULL, lie));
            assertTrue(refused != null, name);
            assertEquals(Storage.Kind.NONE, store.kind(Scene.BACKUP), name);
            assertEquals(List.of(), store.list(Scene.ROOT), name);
            assertEquals(false, chain.scene.instance.engine().backup().isTaken(), name);
        });
        take(BackupKind.FULL, (method, given, result) -> result);
        assertNull(CrashJudge.restores(store, Scene.BACKUP, chain.scene.contents(), 1));
    }

    @Test
    void aFileThatEndsTooEarlyMustBeNamedAndWhereItEnds() {
        for (String suffix : List.of("small.use", ".qlog")) {
            QuireException e = Faults.of(() -> take(BackupKind.FULL, (method, given, result) -> {
                if (method.equals("before read") && ((String) given[0]).endsWith(suffix)) {
                    BackupOffer.Target target = (BackupOffer.Target) given[1];
                    given[1] = changing(target, bytes -> Arrays.copyOf(bytes, bytes.length - 1));
                }
                return result;
            }));
            assertEquals(QuireError.INVALID_BACKUP, e.error(), e::toString);
            assertTrue(e.file().orElseThrow().toString().endsWith(suffix), e::toString);
            assertTrue(e.getMessage().contains("ends at"), e::toString);
        }
    }

    @Test
    void whatIsAddedBetweenTheTwoLooksMustBeNoticed() {
        take(BackupKind.FULL, (method, given, result) -> result);
        chain.work(3);
        boolean[] added = new boolean[1];
        Worse beside = (method, given, result) -> {
            if (method.equals("before begin") && !added[0]) {
                added[0] = true;
                take(BackupKind.DIFFERENTIAL, (inner, arguments, answer) -> answer);
            }
            return result;
        };
        ChainScene.refused(QuireError.BACKUP_IN_PROGRESS, () -> take(BackupKind.INCREMENTAL, beside));
        List<String> before = store.list(Scene.BACKUP);
        take(BackupKind.INCREMENTAL, (method, given, result) -> result);
        assertTrue(store.list(Scene.BACKUP).containsAll(before));
        assertNull(CrashJudge.restores(store, Scene.BACKUP, chain.scene.contents(), 2));
    }
}
