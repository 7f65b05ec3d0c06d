package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quire.Durability;
import dev.quire.Instance;
import dev.quire.ReadTransaction;
import dev.quire.WriteTransaction;
import dev.quire.backup.HistoryModel.Moment;
import dev.quire.io.log.Lsn;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** The instance of a history: whatever is done to it is done to the model as well. */
final class HistoryInstance {

    /** Neither dropped nor detached, so that every restored instance has a database of the first one. */
    static final String FIRST = "first";

    private final SplittableRandom random;
    private final HistoryModel model;
    private final LongSupplier signatures;
    private final AtomicLong now = new AtomicLong(5_000_000);
    SimDisk disk = new SimDisk(Scene.ROOT);
    Path home = Scene.ROOT.resolve("here0");
    Instance instance;
    boolean circular;
    private ReadTransaction reader;
    private boolean wasCircular;
    private int commits;
    private int made;

    HistoryInstance(long seed, SplittableRandom random, HistoryModel model) {
        this.random = random;
        this.model = model;
        this.signatures = Scene.signatures(seed);
        disk.recordTrace(false);
    }

    LongSupplier signatures() {
        return signatures;
    }

    long timeMs() {
        return now.get();
    }

    /** Nobody calls an external backup for so long that it counts as given up. */
    void pause() {
        now.addAndGet(600_000);
    }

    /** Makes the first one. */
    void begin() {
        open();
        model.begin(new Contents(), 0);
        create(FIRST, 4096);
        commit();
    }

    /** Goes on with whatever is in {@link #home}. */
    void open() {
        instance = Scene.config(disk, home, 1)
                .clock(now::get)
                .random(signatures)
                .circularLogging(circular)
                .open();
        if (wasCircular) {
            model.stream.circularUpTo = Lsn.generation(position()) - 1;
        }
        model.circular = circular;
        wasCircular = circular;
        reader = null;
    }

    void close() {
        endReader();
        instance.close();
        model.acknowledge(disk.operationCount(), Long.MAX_VALUE);
    }

    /** What a crash left is opened: it must hold everything that was acknowledged, and nothing that came later. */
    void reopen(int crash) {
        open();
        model.cut(instance.recovery().end(), crash);
        Moment last = model.stream.last();
        assertEquals(last.contents().digest(), Contents.of(instance).digest(), "the instance holds something else");
        model.startTrace();
        model.acknowledge(0, Long.MAX_VALUE);
    }

    /** Another instance takes its place, which a restore has made. */
    void goOnAs(Path other, Contents contents) {
        instance.halt();
        home = other;
        wasCircular = false;
        open();
        assertEquals(contents.digest(), Contents.of(instance).digest(), "the restored instance holds something else");
        model.begin(contents, position());
    }

    long position() {
        return instance.engine().log().appended();
    }

    /** A transaction of some puts and deletes; it may be lazy, leave a restore point, or be rolled back. */
    void commit() {
        now.addAndGet(10);
        commits++;
        String point = random.nextInt(3) == 0 ? "point " + commits : "";
        boolean durable = random.nextInt(4) != 0;
        Contents next = model.stream.last().contents().copy();
        int begun = disk.operationCount();
        try (WriteTransaction tx = instance.beginWrite()) {
            change(new Step(instance, tx, next), next.names());
            if (!point.isEmpty()) {
                tx.restorePoint(point);
            }
            if (random.nextInt(8) == 0) {
                return; // rolled back
            }
            tx.commit(durable ? Durability.DURABLE : Durability.LAZY);
        }
        reached(point, now.get(), next, model.stream.last().away(), begun);
        if (durable) {
            model.acknowledge(disk.operationCount(), Long.MAX_VALUE);
        }
    }

    private void change(Step step, List<String> names) {
        step.put(FIRST, "commit", commits, 20);
        for (int i = random.nextInt(4); i > 0; i--) {
            String name = names.get(random.nextInt(names.size()));
            String table = random.nextInt(3) == 0 ? "u" : "t";
            String key = "k" + random.nextInt(12);
            switch (random.nextInt(8)) {
                case 0 -> step.put(name, table, key, Contents.noise(random.nextLong(), random.nextInt(30_000)));
                case 1, 2 -> {
                    step.put(name, key, 1, 10);
                    step.delete(name, key);
                }
                default -> step.put(name, table, key, Contents.noise(random.nextLong(), random.nextInt(300)));
            }
        }
    }

    /** Makes, drops, detaches or attaches a database; says what it did. */
    String changeDatabases() {
        Moment last = model.stream.last();
        List<String> others = last.contents().without(FIRST).names();
        List<String> away = last.away().names();
        if (!away.isEmpty() && random.nextBoolean()) {
            return attach(away.get(0));
        }
        if (others.isEmpty() || others.size() < 3 && random.nextBoolean()) {
            return create("made" + ++made, random.nextBoolean() ? 4096 : 8192);
        }
        endReader();
        String name = others.get(random.nextInt(others.size()));
        return random.nextBoolean() ? drop(name) : detach(name);
    }

    String create(String name, int pageSize) {
        int begun = disk.operationCount();
        instance.createDatabase(name, pageSize);
        Contents next = model.stream.last().contents().copy();
        next.database(name);
        arrived(name, next, model.stream.last().away(), begun);
        return "create " + name;
    }

    private String attach(String name) {
        Moment last = model.stream.last();
        int begun = disk.operationCount();
        instance.attach(name);
        arrived(name, last.contents().with(name, last.away()), last.away().without(name), begun);
        model.stream.visits.add(new HistoryModel.Visit(name, position(), Long.MAX_VALUE));
        return "attach " + name;
    }

    private void arrived(String name, Contents contents, Contents away, int begun) {
        reached("", 0, contents, away, begun);
        model.known.put(name, HistoryModel.Known.NOTHING);
        model.births.put(name, position());
        acknowledge();
    }

    private String drop(String name) {
        Moment last = model.stream.last();
        int begun = disk.operationCount();
        instance.drop(name);
        gone(name, last.contents().without(name), last.away(), begun);
        return "drop " + name;
    }

    private String detach(String name) {
        Moment last = model.stream.last();
        int begun = disk.operationCount();
        instance.detach(name);
        gone(name, last.contents().without(name), last.away().with(name, last.contents()), begun);
        return "detach " + name;
    }

    private void gone(String name, Contents contents, Contents away, int begun) {
        reached("", 0, contents, away, begun);
        model.stream.gone(name, position());
        model.known.remove(name);
        model.births.remove(name);
        acknowledge();
    }

    void checkpoint() {
        instance.checkpoint();
        acknowledge();
    }

    void roll() {
        instance.engine().log().roll();
        acknowledge();
    }

    /** A reader keeps the checkpoint back, until it is ended. */
    String reader() {
        if (reader != null) {
            endReader();
            return "reader ends";
        }
        reader = instance.beginRead();
        return "reader begins";
    }

    private void endReader() {
        if (reader != null) {
            reader.close();
            reader = null;
        }
    }

    /** What others than committers have forced; a commit may have come behind that. */
    void acknowledge() {
        model.acknowledge(
                disk.operationCount(), instance.engine().versions().clock().durable());
    }

    private void reached(String point, long timeMs, Contents contents, Contents away, int begun) {
        model.stream.moments.add(new Moment(position(), timeMs, point, contents, away, begun, HistoryModel.NEVER));
    }
}
