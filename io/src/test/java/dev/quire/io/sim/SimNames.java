package dev.quire.io.sim;

import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** All names of a disk at one moment: for each directory the nodes by their names. Immutable. */
final class SimNames {

    static final int ROOT = 0;
    static final int NONE = -1;
    static final SimNames EMPTY = new SimNames(Map.of());

    private final Map<Integer, Map<String, Integer>> directories;

    private SimNames(Map<Integer, Map<String, Integer>> directories) {
        this.directories = directories;
    }

    /** Empty for what is no directory. */
    Map<String, Integer> entries(int directory) {
        return directories.getOrDefault(directory, Map.of());
    }

    int entry(int directory, String name) {
        return entries(directory).getOrDefault(name, NONE);
    }

    int find(Path path) {
        int node = ROOT;
        for (Path name : path.normalize()) {
            if (!name.toString().isEmpty()) {
                node = node == NONE ? NONE : entry(node, name.toString());
            }
        }
        return node;
    }

    SimNames with(int directory, String name, int node) {
        Map<String, Integer> changed = new TreeMap<>(entries(directory));
        changed.put(name, node);
        return replaced(directory, changed);
    }

    SimNames without(int directory, String name) {
        Map<String, Integer> changed = new TreeMap<>(entries(directory));
        changed.remove(name);
        return replaced(directory, changed);
    }

    private SimNames replaced(int directory, Map<String, Integer> entries) {
        Map<Integer, Map<String, Integer>> changed = new HashMap<>(directories);
        changed.put(directory, Collections.unmodifiableMap(entries));
        return new SimNames(changed);
    }

    boolean hasNameFor(int node) {
        return directories.values().stream().anyMatch(entries -> entries.containsValue(node));
    }

    /** Only what can be reached from the root. */
    SimNames reachable() {
        Map<Integer, Map<String, Integer>> reached = new HashMap<>();
        reach(ROOT, reached);
        return new SimNames(reached);
    }

    private void reach(int directory, Map<Integer, Map<String, Integer>> reached) {
        if (directories.containsKey(directory)) {
            reached.put(directory, directories.get(directory));
            directories.get(directory).values().forEach(node -> reach(node, reached));
        }
    }

    /** Every node that has a name in any of the directories. */
    Iterable<Integer> nodes() {
        return directories.values().stream().flatMap(entries -> entries.values().stream())::iterator;
    }
}
