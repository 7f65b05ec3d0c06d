package dev.quire;

import dev.quire.io.LimitException;
import dev.quire.io.sim.CrashPolicy;
import dev.quire.io.sim.SimDisk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Random operations on two tables and on two maps, with snapshots held open, crashes and reopenings in between. */
final class RandomRun {

    private static final String[] TABLES = {"a", "b"};
    private static final int SNAPSHOTS_MAX = 4;
    private static final CrashPolicy[] POLICIES = CrashPolicy.values();

    /** What both tables hold. */
    private record State(TreeMap<String, byte[]> a, TreeMap<String, byte[]> b) {
        TreeMap<String, byte[]> table(int index) {
            return index == 0 ? a : b;
        }

        State copy() {
            return new State(new TreeMap<>(a), new TreeMap<>(b));
        }
    }

    private record Held(ReadTransaction tx, State state) {}

    private final SplittableRandom random;
    private final int keys;
    /** From the last durable state to the newest committed one: after a crash it is one of them. */
    private final List<State> candidates = new ArrayList<>();

    private final List<Held> held = new ArrayList<>();
    private SimDisk disk = SimInstances.disk();
    private Instance instance;
    private WriteTransaction tx;
    private State state = new State(new TreeMap<>(), new TreeMap<>());
    private long opened;
    private int crashes;
    private int done;

    RandomRun(long seed) {
        random = new SplittableRandom(seed);
        keys = 20 << random.nextInt(6);
        disk.recordTrace(false);
    }

    int crashes() {
        return crashes;
    }

    /** How far it came. */
    int done() {
        return done;
    }

    void run(int operations) {
        instance = SimInstances.open(disk, ++opened);
        instance.createDatabase("db");
        try (WriteTransaction first = instance.beginWrite()) {
            first.createTable(database(), TABLES[0]);
            first.createTable(database(), TABLES[1]);
            first.commit();
        }
        durable(state.copy());
        for (done = 0; done < operations; done++) {
            try {
                step();
            } catch (LimitException e) {
                // Snapshots hold the memory: whoever is refused must be able to give up.
                end(false, null);
                releaseAll();
            }
        }
        end(true, Durability.DURABLE);
        releaseAll();
        same(candidates.get(candidates.size() - 1));
        sound();
        instance.close();
    }

    private void step() {
        int dice = random.nextInt(1000);
        if (dice < 560) {
            put();
        } else if (dice < 720) {
            delete();
        } else if (dice < 730) {
            deleteRange();
        } else if (dice < 860) {
            look();
        } else if (dice < 930) {
            end(random.nextInt(5) > 0, random.nextInt(3) > 0 ? Durability.DURABLE : Durability.LAZY);
        } else if (dice < 960) {
            hold();
        } else if (dice < 975) {
            if (!held.isEmpty()) {
                release(random.nextInt(held.size()));
            }
        } else if (dice < 988) {
            checkpoint();
        } else if (dice < 992) {
            instance.engine().log().roll();
            durable(candidates.get(candidates.size() - 1));
        } else if (dice < 998) {
            crash();
        } else {
            reopen();
        }
    }

    private void put() {
        int table = random.nextInt(2);
        String key = key();
        byte[] value = StateModel.noise(random.nextLong(), length());
        boolean fresh = writable(table).put(StateModel.bytes(key), value);
        require(fresh == (state.table(table).put(key, value) == null), "put says fresh=" + fresh);
    }

    private int length() {
        int dice = random.nextInt(100);
        return dice < 85 ? random.nextInt(200) : dice < 97 ? random.nextInt(5_000) : random.nextInt(40_000);
    }

    private void delete() {
        int table = random.nextInt(2);
        String key = key();
        boolean there = writable(table).delete(StateModel.bytes(key));
        require(there == (state.table(table).remove(key) != null), "delete says there=" + there);
    }

    private void deleteRange() {
        int table = random.nextInt(2);
        String one = key();
        String two = key();
        String from = one.compareTo(two) < 0 ? one : two;
        String to = one.compareTo(two) < 0 ? two : one;
        Map<String, byte[]> range = state.table(table).subMap(from, to);
        long count = writable(table).deleteRange(StateModel.bytes(from), StateModel.bytes(to));
        require(count == range.size(), "deleteRange says " + count + ", expected " + range.size());
        range.clear();
    }

    private void look() {
        int table = random.nextInt(2);
        String key = key();
        byte[] found = writable(table).get(StateModel.bytes(key));
        require(Arrays.equals(found, state.table(table).get(key)), "get " + key);
        Cursor cursor = writable(table).cursor();
        Map.Entry<String, byte[]> expected = state.table(table).ceilingEntry(key);
        for (boolean there = cursor.seek(StateModel.bytes(key)); there || expected != null; there = cursor.next()) {
            require(there && expected != null, "cursor ends at " + expected + ", there=" + there);
            require(Arrays.equals(cursor.key(), StateModel.bytes(expected.getKey())), "cursor at " + expected.getKey());
            expected = state.table(table).higherEntry(expected.getKey());
            if (random.nextInt(4) == 0) {
                return;
            }
        }
    }

    private void hold() {
        if (held.size() < SNAPSHOTS_MAX) {
            ReadTransaction reader = instance.beginRead();
            State seen = visible(reader);
            held.add(new Held(reader, seen.copy()));
        }
    }

    /** A durable commit is seen when it is durable, a lazy one at once: the newest candidate, so to speak. */
    private State visible(ReadTransaction reader) {
        State newest = candidates.get(candidates.size() - 1);
        same(reader, newest);
        return newest;
    }

    private void release(int index) {
        Held one = held.remove(index);
        same(one.tx(), one.state());
        one.tx().close();
    }

    private void releaseAll() {
        while (!held.isEmpty()) {
            release(0);
        }
    }

    private void checkpoint() {
        instance.checkpoint();
        durable(candidates.get(candidates.size() - 1));
    }

    private void end(boolean commit, Durability durability) {
        if (tx == null) {
            return;
        }
        if (commit) {
            tx.commit(durability);
            State committed = state.copy();
            if (durability == Durability.DURABLE) {
                durable(committed);
            } else {
                candidates.add(committed);
            }
        } else {
            tx.abort();
            state = candidates.get(candidates.size() - 1).copy();
            durable(candidates.get(candidates.size() - 1));
        }
        tx = null;
    }

    private void durable(State newest) {
        candidates.clear();
        candidates.add(newest);
    }

    private void crash() {
        crashes++;
        releaseAll();
        CrashPolicy policy = POLICIES[random.nextInt(POLICIES.length)];
        SimDisk left = random.nextInt(4) == 0
                ? disk.processCrashImage(disk.operationCount())
                : disk.crashImage(disk.operationCount(), policy, random.nextLong());
        tx = null;
        instance.halt();
        disk = left;
        disk.recordTrace(false);
        instance = SimInstances.open(disk, ++opened);
        settle();
    }

    /** Finds out which of the candidates survived. */
    private void settle() {
        for (int i = candidates.size() - 1; i >= 0; i--) {
            if (differs(candidates.get(i)) == null) {
                durable(candidates.get(i));
                state = candidates.get(0).copy();
                sound();
                return;
            }
        }
        throw new AssertionError("after a crash: none of " + candidates.size() + " states; against the newest: "
                + differs(candidates.get(candidates.size() - 1)) + ", against the durable one: "
                + differs(candidates.get(0)));
    }

    private void reopen() {
        end(random.nextBoolean(), Durability.LAZY);
        releaseAll();
        instance.close();
        durable(candidates.get(candidates.size() - 1));
        instance = SimInstances.open(disk, ++opened);
        require(instance.recovery().clean(), "an orderly close needs no recovery: " + instance.recovery());
        settle();
    }

    private void sound() {
        CheckReport report = instance.check();
        require(report.isSound(), report.faults().toString());
    }

    private String differs(State expected) {
        try (ReadTransaction reader = instance.beginRead()) {
            same(reader, expected);
            return null;
        } catch (AssertionError e) {
            return e.getMessage();
        }
    }

    private void same(State expected) {
        String difference = differs(expected);
        require(difference == null, difference);
    }

    private void same(ReadTransaction reader, State expected) {
        for (int i = 0; i < TABLES.length; i++) {
            Cursor cursor = reader.table(database(), TABLES[i]).cursor();
            for (Map.Entry<String, byte[]> entry : expected.table(i).entrySet()) {
                require(cursor.next(), "ends before " + entry.getKey());
                require(Arrays.equals(cursor.key(), StateModel.bytes(entry.getKey())), "lacks " + entry.getKey());
                require(Arrays.equals(cursor.value().toBytes(), entry.getValue()), "value of " + entry.getKey());
            }
            require(!cursor.next(), "has more");
        }
    }

    private WritableTable writable(int table) {
        if (tx == null) {
            tx = instance.beginWrite();
        }
        return tx.table(database(), TABLES[table]);
    }

    private Database database() {
        return instance.database("db");
    }

    private String key() {
        return Step.key(random.nextInt(3) == 0 ? "key" : "another-key", random.nextInt(keys));
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
