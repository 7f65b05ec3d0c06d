package dev.quire.io.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.Checksum;
import dev.quire.io.FileStorage;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.Storage.Access;
import dev.quire.io.Storage.Kind;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same random operations on the simulated and on the real disk: what can be seen must be the same. */
class SimHonestyTest {

    private static final int LISTS = 100;
    private static final int OPERATIONS = 120;
    private static final List<String> NAMES = List.of("a", "b", "sub", "sub/a", "sub/b", "sub/deep", "c");

    @TempDir
    Path directory;

    @Test
    @DisplayName("a hundred random lists of operations must give the same results and contents on both")
    void sameAsTheRealDisk() {
        int refusals = 0;
        for (int seed = 0; seed < LISTS; seed++) {
            Path root = directory.resolve("list" + seed);
            SimDisk sim = new SimDisk(root);
            FileStorage.instance().createDirectory(root);
            List<String> simulated = run(sim, root, seed);
            List<String> real = run(FileStorage.instance(), root, seed);
            assertEquals(real, simulated, "seed=" + seed);
            compare(sim, root, "seed=" + seed);
            refusals +=
                    (int) real.stream().filter(line -> line.contains("refused")).count();
            SimDisk survivor = sim.crashImage(sim.operationCount(), CrashPolicy.ALL, seed);
            compare(survivor, root, "after a crash that keeps all, seed=" + seed);
            forceAll(sim, root);
            survivor = sim.crashImage(sim.operationCount(), CrashPolicy.NONE, seed);
            compare(survivor, root, "after everything was forced, seed=" + seed);
        }
        assertTrue(refusals > LISTS, "refusals=" + refusals);
        assertTrue(refusals < LISTS * OPERATIONS * 3 / 4, "refusals=" + refusals);
    }

    @Test
    @DisplayName("a process that ended and went on elsewhere must see and lose the same as one that did not end")
    void processCrashChangesNothing() {
        Path root = Path.of("/sim");
        for (int seed = 0; seed < LISTS; seed++) {
            SimDisk whole = new SimDisk(root);
            SimDisk first = new SimDisk(root);
            first.recordTrace(seed % 2 == 0);
            run(whole, root, seed);
            run(first, root, seed);
            SimDisk second = first.processCrashImage(first.operationCount());
            assertEquals(run(whole, root, seed + LISTS), run(second, root, seed + LISTS));
            for (CrashPolicy policy : List.of(CrashPolicy.ALL, CrashPolicy.NONE, CrashPolicy.LAST_ONLY)) {
                SimDisk expected = whole.crashImage(whole.operationCount(), policy, 1);
                SimDisk found = second.crashImage(second.operationCount(), policy, 1);
                assertEquals(contents(expected, root), contents(found, root), policy + " seed=" + seed);
            }
        }
    }

    private static Map<String, String> contents(Storage storage, Path root) {
        TreeMap<String, byte[]> found = new TreeMap<>();
        collect(storage, root, found);
        Map<String, String> readable = new TreeMap<>();
        found.forEach((name, bytes) -> {
            readable.put(name, bytes.length + ":" + Checksum.crc32c(bytes, 0, bytes.length));
        });
        return readable;
    }

    private static void forceAll(Storage storage, Path directory) {
        for (String name : storage.list(directory)) {
            Path path = directory.resolve(name);
            if (storage.kind(path) == Kind.DIRECTORY) {
                forceAll(storage, path);
            } else {
                try (StoreFile file = storage.open(path, Access.WRITE)) {
                    file.force();
                }
            }
        }
        storage.forceDirectory(directory);
    }

    private static List<String> run(Storage storage, Path root, long seed) {
        Random random = new Random(seed);
        List<String> results = new ArrayList<>();
        for (int i = 0; i < OPERATIONS; i++) {
            Path path = root.resolve(NAMES.get(random.nextInt(NAMES.size())));
            Path other = root.resolve(NAMES.get(random.nextInt(NAMES.size())));
            int kind = random.nextInt(12);
            long argument = random.nextLong();
            String name = i + " " + kind + " " + root.relativize(path) + " " + root.relativize(other);
            try {
                results.add(name + " " + step(storage, kind, path, other, new Random(argument)));
            } catch (QuireException refused) {
                results.add(name + " refused " + refused.error());
            }
        }
        return results;
    }

    private static Object step(Storage storage, int kind, Path path, Path other, Random random) {
        switch (kind) {
            case 0, 1 -> storage.create(path).close();
            case 2 -> storage.createDirectory(path);
            case 3 -> rename(storage, path, other);
            case 4 -> storage.delete(path);
            case 5 -> storage.forceDirectory(path.getParent());
            case 6 -> {
                return storage.kind(path) == Kind.DIRECTORY ? storage.list(path) : storage.kind(path);
            }
            case 7 -> {
                try (StoreFile from = storage.open(path, Access.READ);
                        StoreFile to = storage.open(other, Access.WRITE)) {
                    from.transferTo(0, path.equals(other) ? 0 : from.size(), to, random.nextInt(9000));
                }
            }
            default -> {
                try (StoreFile file = storage.open(path, Access.WRITE)) {
                    write(file, random);
                    return file.size();
                }
            }
        }
        return "done";
    }

    private static void rename(Storage storage, Path from, Path to) {
        if (!to.startsWith(from)) { // a directory into itself: systems say it in many ways
            storage.rename(from, to);
        }
    }

    private static void write(StoreFile file, Random random) {
        byte[] bytes = new byte[random.nextInt(12_000)];
        random.nextBytes(bytes);
        long position = random.nextInt(20_000);
        switch (random.nextInt(4)) {
            case 0 -> file.writeThrough(bytes, 0, bytes.length, position);
            case 1 -> file.allocate(position, position + bytes.length);
            case 2 -> file.force();
            default -> file.write(ByteBuffer.wrap(bytes), position);
        }
    }

    private static void compare(SimDisk sim, Path root, String where) {
        TreeMap<String, byte[]> real = new TreeMap<>();
        collect(FileStorage.instance(), root, real);
        TreeMap<String, byte[]> simulated = new TreeMap<>();
        collect(sim, root, simulated);
        assertEquals(real.keySet(), simulated.keySet(), where);
        real.forEach((name, bytes) -> assertArrayEquals(bytes, simulated.get(name), where + " " + name));
    }

    private static void collect(Storage storage, Path directory, TreeMap<String, byte[]> into) {
        for (String name : storage.list(directory)) {
            Path path = directory.resolve(name);
            if (storage.kind(path) == Kind.DIRECTORY) {
                into.put(path.toString(), new byte[0]);
                collect(storage, path, into);
            } else {
                try (StoreFile file = storage.open(path, Access.READ)) {
                    byte[] bytes = new byte[(int) file.size()];
                    file.read(bytes, 0, bytes.length, 0);
                    into.put(path.toString(), bytes);
                }
            }
        }
    }
}
