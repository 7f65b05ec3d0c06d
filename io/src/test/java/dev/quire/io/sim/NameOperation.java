package dev.quire.io.sim;

/**
 * A change of names that no directory force has covered yet, or that one has since. A rename between two directories is
 * settled when both are forced; until then it may be lost, but as a whole.
 */
final class NameOperation {

    static final int NEVER = Integer.MAX_VALUE;

    private final int index;
    private final int node;
    private final int fromDirectory; // NONE for a new name
    private final String fromName;
    private final int toDirectory; // NONE for a deletion
    private final String toName;
    private int fromSettledAt = NEVER;
    private int toSettledAt = NEVER;
    private int lostAt = NEVER;

    private NameOperation(int index, int node, int fromDirectory, String fromName, int toDirectory, String toName) {
        this.index = index;
        this.node = node;
        this.fromDirectory = fromDirectory;
        this.fromName = fromName;
        this.toDirectory = toDirectory;
        this.toName = toName;
    }

    static NameOperation link(int index, int directory, String name, int node) {
        return new NameOperation(index, node, SimNames.NONE, null, directory, name);
    }

    static NameOperation unlink(int index, int directory, String name, int node) {
        return new NameOperation(index, node, directory, name, SimNames.NONE, null);
    }

    static NameOperation rename(int index, int node, int from, String fromName, int to, String toName) {
        return new NameOperation(index, node, from, fromName, to, toName);
    }

    int index() {
        return index;
    }

    boolean isPendingAt(int crash) {
        return settledAt() >= crash && lostAt >= crash;
    }

    private int settledAt() {
        int from = fromDirectory == SimNames.NONE ? Integer.MIN_VALUE : fromSettledAt;
        int to = toDirectory == SimNames.NONE ? Integer.MIN_VALUE : toSettledAt;
        return Math.max(from, to);
    }

    boolean concerns(int directory) {
        return directory == fromDirectory || directory == toDirectory;
    }

    void settle(int force, int directory) {
        if (directory == fromDirectory) {
            fromSettledAt = Math.min(fromSettledAt, force);
        }
        if (directory == toDirectory) {
            toSettledAt = Math.min(toSettledAt, force);
        }
    }

    /** Because something that rests on it is settled. */
    void settleWhole(int force) {
        fromSettledAt = Math.min(fromSettledAt, force);
        toSettledAt = Math.min(toSettledAt, force);
    }

    /** Whether an earlier change must be on the medium when this one is: of the same node, or of the same name. */
    boolean needs(NameOperation earlier) {
        return node == earlier.node || earlier.touches(fromDirectory, fromName) || earlier.touches(toDirectory, toName);
    }

    private boolean touches(int directory, String name) {
        return directory != SimNames.NONE
                && (directory == fromDirectory && name.equals(fromName)
                        || directory == toDirectory && name.equals(toName));
    }

    void lose(int force) {
        lostAt = force;
    }

    /** As it was when operation {@code crash} began. */
    NameOperation carriedOver(int crash) {
        NameOperation copy = new NameOperation(index - crash - 1, node, fromDirectory, fromName, toDirectory, toName);
        copy.fromSettledAt = fromSettledAt < crash ? Integer.MIN_VALUE : NEVER;
        copy.toSettledAt = toSettledAt < crash ? Integer.MIN_VALUE : NEVER;
        return copy;
    }

    /**
     * The names with this change. It is passed over where an earlier one that it needs was lost: a name that is still
     * taken stays with its node, and no node is lost because a second half of its rename was.
     */
    SimNames applyTo(SimNames names) {
        if (toDirectory != SimNames.NONE && names.entry(toDirectory, toName) != SimNames.NONE) {
            return names;
        }
        boolean there = fromDirectory != SimNames.NONE && names.entry(fromDirectory, fromName) == node;
        SimNames rest = there ? names.without(fromDirectory, fromName) : names;
        if (toDirectory == SimNames.NONE) {
            return rest;
        }
        boolean placedElsewhere = fromDirectory != SimNames.NONE && !there && names.hasNameFor(node);
        return placedElsewhere ? names : rest.with(toDirectory, toName, node);
    }
}
