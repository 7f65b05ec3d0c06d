/**
 * Ordered tables: trees of byte keys and byte values in pages.
 *
 * <p>A {@link dev.quire.table.Tree} is read through a {@link dev.quire.pages.PageReader} and changed through a
 * {@link dev.quire.pages.PageWriter}, and knows nothing else: neither transactions nor versions, neither the file nor
 * the log. It is named by the page of its root, which never changes. A {@link dev.quire.table.Catalog} is a tree that
 * leads from names to roots.
 *
 * <pre>
 *   root                      [ separators and children ]            level 2      branches: type BRANCH
 *                              /           |            \
 *                    [ . . . ]        [ . . . ]      [ . . . ]        level 1
 *                   /    |    \
 *   [records] [records] [records] ...                                 level 0      leaves: type LEAF
 *                  |
 *                  +--- a long value: one extent, or a few, or a list of many              type EXTENT
 * </pre>
 *
 * <h2>Words</h2>
 *
 * <p>A <i>cell</i> holds a key and a value, in a branch a separator and a child. <i>Slots</i> lead to the cells in the
 * order of their keys. A <i>head</i> is the eight bytes of a key behind what all keys of the page begin with, the
 * <i>prefix</i>: a search looks at the array of heads and touches a key only where heads are equal. A <i>separator</i>
 * is the shortest key that parts two leaves. <i>Fences</i> are the separators on either side of a page, in the page
 * itself. {@link dev.quire.table.NodeLayout} draws a page, {@link dev.quire.table.ValueLayout} what stands in place of
 * a value that is too long for a leaf.
 *
 * <h2>Why it is so</h2>
 *
 * <ul>
 *   <li>Keys stand whole in their cells, so that a view of a key is a view of the page. What keys have in common is
 *       left out of the heads only, where it would cost the speed of the search.
 *   <li>Pages have no links to their neighbours: a link would have to be changed in pages that nothing else changes,
 *       and a snapshot's pages stay as they are, so that a cursor finds its way back through the branches.
 *   <li>The root never moves, so that whoever remembers it need not be told. When it is full its content goes down into
 *       a new page; when it leads to a single child, that one's content comes up.
 *   <li>A change to several pages is made of steps, each of which leaves a whole tree: {@link dev.quire.table.Splits}
 *       splits one page and the record goes down from the root again. What fails in the middle of a step makes the
 *       writer refuse to go on, see {@link dev.quire.table.TreeWriter#isWhole}.
 *   <li>A full leaf first shares with a neighbour that has room ({@link dev.quire.table.Balance}): leaves that are
 *       filled at random are four fifths full instead of two thirds. A row of rising or falling keys fills its pages.
 * </ul>
 *
 * <h2>What pages hold is not trusted</h2>
 *
 * <p>A page with the right checksum may still hold anything, and a load from a map may return what is not in the file.
 * So whatever is read from a page is checked before it can lead out of the page; levels must fall by one on the way
 * down, so there are no circles; a cursor and a deletion of a range hold the first key of a leaf against the last one
 * of the leaf before, so that pages with many parents do not make them endless. A record is put or deleted only in a
 * leaf whose fences enclose its key, looked at in the copy that is changed. All of these end in
 * {@link dev.quire.io.CorruptionException}. {@link dev.quire.table.TreeCheck} looks at everything there is.
 *
 * <h2>The paths that must be fast</h2>
 *
 * <p>{@link dev.quire.table.Tree#find find}, {@link dev.quire.table.TreeCursor#next next} and
 * {@link dev.quire.table.TreeWriter#put put} allocate nothing. Most of a lookup in a large tree is waiting for memory:
 * {@link dev.quire.table.Node} asks for the lines of a page that it will need together, before it knows which.
 */
package dev.quire.table;
