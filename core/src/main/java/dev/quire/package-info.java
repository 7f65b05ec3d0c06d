/**
 * What users see: an instance, its databases, and transactions over raw pages and ordered tables.
 *
 * <h2>Words</h2>
 *
 * <dl>
 *   <dt>instance
 *   <dd>a directory with databases and one log, open in one process ({@link dev.quire.Instance}).
 *   <dt>database
 *   <dd>a file of pages of one size, attached to the instance under a name ({@link dev.quire.Database}).
 *   <dt>commit
 *   <dd>what makes the changes of one transaction, to any of the databases, take place at once. Commits have an order;
 *       a position in the log names one.
 *   <dt>durable
 *   <dd>a commit that no crash can take back ({@link dev.quire.Durability}).
 *   <dt>visible
 *   <dd>a commit that a transaction which begins now sees: every durable one, and lazy ones at once.
 *   <dt>snapshot
 *   <dd>the state at one commit, which a {@link dev.quire.ReadTransaction} sees from first to last access.
 *   <dt>raw page
 *   <dd>a page whose payload is the user's ({@link dev.quire.RawPages}), found again through named roots.
 *   <dt>table
 *   <dd>byte keys in unsigned order, with values of up to 1 GiB ({@link dev.quire.Table}, {@link dev.quire.Cursor}).
 *   <dt>view
 *   <dd>bytes of a page in place, without a copy ({@link dev.quire.io.BytesView}). Good until its transaction ends.
 *   <dt>checkpoint
 *   <dd>bringing what is committed from memory to the files, so that the log before it is not needed for redo.
 * </dl>
 *
 * <h2>Who may do what</h2>
 *
 * <pre>
 *   Instance ──▶ WriteTransaction   one at a time; reads the newest commit, writes private copies
 *      │   └───▶ ReadTransaction    any number; each reads its snapshot; neither kind waits for the other
 *      │
 *      ├── Gate                     who may begin; whoever registers looks afterwards, whoever shuts counts afterwards
 *      ├── create, attach           take the writer's place
 *      ├── Opening                  what there is of it while it recovers
 *      ├── detach, drop, close      need the instance without any transaction
 *      └── engine()                 for backup, which is built on top
 * </pre>
 *
 * <p>An {@code Instance} and a {@code Database} are for any thread. A transaction belongs to the thread that began it
 * until it is handed off; what it hands out belongs to it.
 *
 * <h2>Priorities, in order</h2>
 *
 * <ol>
 *   <li>What was acknowledged is there, and what is read was verified. No figure is worth an exception.
 *   <li>A fault is told: typed, with file, place, what was expected and what was found. Nothing is retried or hidden.
 *   <li>Memory is bounded by configuration: two bits a page beside that, whatever the size of the database.
 *   <li>Speed, on the paths below.
 *   <li>Room on the disk.
 * </ol>
 *
 * <h2>Critical paths</h2>
 *
 * <p>Measured before and after every change; no allocation, no lock, no virtual call that meets many classes:
 *
 * <ul>
 *   <li>reading a page: {@code SnapshotPages.read}, two bits, a place in the map;
 *   <li>a point get: {@code Tree.find}, a search in the heads of each node; a cursor step;
 *   <li>entering and leaving {@code ReaderSlots};
 *   <li>a commit: encoding, one batch, one force shared by all who wait.
 * </ul>
 *
 * <p>Everything else may take its time, and should be short and plain instead.
 *
 * <h2>The rule of this package</h2>
 *
 * <p>It decides who may do something and when, turns misuse into {@link java.lang.IllegalArgumentException} or
 * {@link java.lang.IllegalStateException} and the world's faults into {@link dev.quire.io.QuireException}, and leaves
 * the doing to the packages below. Settings are read once, in {@link dev.quire.InstanceConfig}; below it there are
 * only plain values. Nothing below knows this package.
 */
package dev.quire;
