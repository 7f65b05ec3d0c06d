package dev.quire.backup;

import dev.quire.Durability;
import dev.quire.Instance;
import dev.quire.InstanceConfig;
import dev.quire.WriteTransaction;
import dev.quire.io.Progress;
import dev.quire.io.Storage;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * An instance that is backed up, without threads and the same at every run, and every state that it went through: where
 * in the log, and by which operations of the disk it was begun and acknowledged.
 */
final class Scene {

    static final Path ROOT = Path.of("/sim").toAbsolutePath();
    static final Path BACKUP = ROOT.resolve("backup");
    static final Path BACK = ROOT.resolve("back");
    static final String SMALL = "small";
    static final String LARGE = "large";

    /** A state; {@code acknowledged} is {@link Integer#MAX_VALUE} until a force covers it. */
    record Point(Contents contents, long position, int begun, int acknowledged) {}

    final Storage storage;
    final Path home;
    final List<Point> points = new ArrayList<>();
    private final SplittableRandom random;
    final List<long[]> pages = List.of(new long[64], new long[64]);
    Instance instance;
    private Contents contents = new Contents();

    /** Opens a new instance in {@code root}. */
    Scene(Storage storage, Path root, long seed, Consumer<InstanceConfig> change) {
        this.storage = storage;
        this.home = root.resolve("here");
        this.random = new SplittableRandom(seed);
        InstanceConfig config = config(storage, home, seed);
        change.accept(config);
        instance = config.open();
        reached(operations(), true);
    }

    /** Opens an instance that is there and holds {@code contents}. */
    Scene(SimDisk disk, Path home, long seed, Contents contents) {
        this.storage = disk;
        this.home = home;
        this.random = new SplittableRandom(seed);
        this.contents = contents;
        instance = open(disk, home, seed);
        reached(0, true);
    }

    /** Counts the operations of the disk anew; what was reached until now is safe. */
    void startTrace() {
        disk().resetTrace();
        points.replaceAll(each -> new Point(each.contents(), each.position(), 0, 0));
    }

    /** On a simulated disk of its own, with two databases and something in both. */
    static Scene filled(long seed) {
        return filled(seed, config -> {});
    }

    static Scene filled(long seed, Consumer<InstanceConfig> change) {
        Scene scene = new Scene(new SimDisk(ROOT), ROOT, seed, change);
        scene.fill();
        return scene;
    }

    static InstanceConfig config(Storage storage, Path directory, long seed) {
        return Instance.configure(directory)
                .storage(storage)
                .background(false)
                .pageBytes(4096)
                .memoryBytes(8 << 20)
                .logGenerationBytes(1 << 20)
                .guardHalfBytes(256 << 10)
                .clock(counter(seed))
                .random(signatures(seed));
    }

    static Instance open(Storage storage, Path directory, long seed) {
        return config(storage, directory, seed).open();
    }

    static RestoreReport restore(Storage storage, Path backup, Path target, long seed) {
        return Restore.restore(storage, backup, target, Progress.NONE, false, signatures(seed));
    }

    static LongSupplier counter(long seed) {
        AtomicLong next = new AtomicLong(1_000_000 * seed);
        return next::incrementAndGet;
    }

    static LongSupplier signatures(long seed) {
        AtomicLong next = new AtomicLong(seed << 32);
        return () -> {
            long x = next.incrementAndGet() * 0x9E3779B97F4A7C15L;
            x = (x ^ x >>> 30) * 0xBF58476D1CE4E5B9L;
            return x ^ x >>> 31;
        };
    }

    SimDisk disk() {
        return (SimDisk) storage;
    }

    BackupReport backup(Path destination, Progress progress) {
        return Backup.full(instance, destination, progress);
    }

    /** Two databases of different page sizes: small and long values, raw pages with gaps between them. */
    void fill() {
        create(SMALL, 4096);
        create(LARGE, 16384);
        for (String name : List.of(SMALL, LARGE)) {
            commit(s -> {
                for (int i = 0; i < 60; i++) {
                    s.put(name, "k" + i, i, 40 + 5 * i);
                }
                s.put(name, "long", 7, 60_000).put(name, "longer", 8, 150_000);
            });
            long[] raw = pages.get(name.equals(SMALL) ? 0 : 1);
            commit(s -> {
                for (int i = 0; i < 24; i++) {
                    raw[i] = s.allocate(name, i);
                }
            });
            commit(s -> {
                for (int i = 0; i < 24; i += 2) {
                    s.free(name, raw[i]);
                    raw[i] = 0;
                }
            });
        }
        instance.checkpoint();
        acknowledge();
    }

    void create(String name, int pageSize) {
        int begun = operations();
        instance.createDatabase(name, pageSize);
        contents = contents.copy();
        contents.database(name);
        reached(begun, true);
    }

    void drop(String name) {
        int begun = operations();
        instance.drop(name);
        contents = contents.without(name);
        reached(begun, true);
    }

    void commit(Consumer<Step> step) {
        commit(step, Durability.DURABLE);
    }

    void commit(Consumer<Step> step, Durability durability) {
        Contents next = contents.copy();
        int begun = operations();
        try (WriteTransaction tx = instance.beginWrite()) {
            step.accept(new Step(instance, tx, next));
            tx.commit(durability);
        }
        contents = next;
        reached(begun, durability == Durability.DURABLE);
    }

    /** One transaction of any kind; now and then a checkpoint or the next generation of the log. */
    void work() {
        String name = random.nextInt(3) == 0 ? LARGE : SMALL;
        long[] raw = pages.get(name.equals(SMALL) ? 0 : 1);
        Durability durability = random.nextInt(4) == 0 ? Durability.LAZY : Durability.DURABLE;
        commit(s -> change(s, name, raw), durability);
        switch (random.nextInt(5)) {
            case 0, 1 -> {
                instance.checkpoint();
                acknowledge();
            }
            case 2 -> {
                instance.engine().log().roll();
                acknowledge();
            }
            default -> {
                // the next one
            }
        }
    }

    private void change(Step step, String name, long[] raw) {
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            long seed = random.nextLong();
            int at = random.nextInt(raw.length);
            switch (random.nextInt(7)) {
                case 0 -> step.put(name, "x" + random.nextInt(4), seed, 3_000 + random.nextInt(90_000));
                case 1 -> step.delete(name, random.nextBoolean() ? "long" : "x" + random.nextInt(4));
                case 2, 3 -> step.put(name, "k" + random.nextInt(90), seed, random.nextInt(700));
                default -> {
                    if (raw[at] == 0) {
                        raw[at] = step.allocate(name, seed);
                    } else if (random.nextBoolean()) {
                        step.modify(name, raw[at], random.nextInt(2_000), random.nextInt(2_000), seed);
                    } else {
                        step.free(name, raw[at]);
                        raw[at] = 0;
                    }
                }
            }
        }
    }

    Contents contents() {
        return contents;
    }

    /** What the instance held at a position of its log. */
    Contents at(long position) {
        Contents last = null;
        for (Point point : points) {
            last = point.position() <= position ? point.contents() : last;
        }
        return last;
    }

    void acknowledge() {
        int now = operations();
        points.replaceAll(each -> each.acknowledged() == Integer.MAX_VALUE
                ? new Point(each.contents(), each.position(), each.begun(), now)
                : each);
    }

    private void reached(int begun, boolean durable) {
        long position =
                instance.engine().log() == null ? 0 : instance.engine().log().appended();
        points.add(new Point(contents, position, begun, Integer.MAX_VALUE));
        if (durable) {
            acknowledge();
        }
    }

    private int operations() {
        return storage instanceof SimDisk disk ? disk.operationCount() : 0;
    }
}
