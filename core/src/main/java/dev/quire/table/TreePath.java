package dev.quire.table;

/** The way from the root to a leaf: the page on every level and the slot that was taken out of it. */
final class TreePath {

    final long[] pages = new long[NodeLayout.LEVEL_MAX + 1];
    final int[] slots = new int[NodeLayout.LEVEL_MAX + 1];

    /** Index of the leaf; the root is at 0. */
    int leaf;
}
