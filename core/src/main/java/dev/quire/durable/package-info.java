/**
 * From memory to disk and back: commit, checkpoint, the torn-page guard, recovery, and what a backup needs of an
 * engine. The argument why it holds is DURABILITY.md; the bytes are in FORMAT.md.
 *
 * <h2>Words</h2>
 *
 * <dl>
 *   <dt>stream
 *   <dd>one history of changes in a log, with a signature of its own. An instance has one at a time.
 *   <dt>record
 *   <dd>what the log says of a page, a commit or an attachment ({@link dev.quire.durable.RecordLayout}).
 *   <dt>image, delta
 *   <dd>a record with the whole page; one with the bytes that changed, good for one state of the page alone.
 *   <dt>dbtime
 *   <dd>a database's counter of page changes; a page carries that of its last one.
 *   <dt>slot
 *   <dd>half of the checkpoint file; the newer whole one says where redo starts
 *       ({@link dev.quire.durable.CheckpointSlot}).
 *   <dt>redo start
 *   <dd>the page files hold everything below it.
 *   <dt>K
 *   <dd>the highest position that anything says was forced; damage below it is damage, above it a torn end.
 *   <dt>guard
 *   <dd>copies of the pages that a checkpoint is overwriting ({@link dev.quire.durable.TornPageGuard}).
 *   <dt>attachment
 *   <dd>a database as the stream knows it, from one position to another ({@link dev.quire.durable.Attachment}).
 *   <dt>suspect
 *   <dd>a page whose bytes redo does not trust until an image comes.
 *   <dt>poison
 *   <dd>the first fault after which nothing may be acknowledged ({@link dev.quire.durable.Poison}).
 * </dl>
 *
 * <h2>The flow</h2>
 *
 * <pre>
 *   commit      Commits ─▶ RecordEncoder, PageDiff ─▶ LogWriter ─▶ Versions.publish ─▶ await the force
 *   checkpoint  Checkpointer ─▶ slot ─▶ headers ─▶ PageWriteback ─▶ TornPageGuard ─▶ file, forced ─▶ slot ─▶ LogRelease
 *   open        Engine ─▶ Startup ─▶ Recovery ─▶ LogSurvey: RedoSurvey, EarlyRedo ─▶ guard ─▶ LateRedo ─▶ LogWriter
 *   backup      BackupSession ─▶ pin, maps as of R0, latch, roll, stamps
 *   when        Pacemaker: log behind the redo start, memory, time; makes lazy commits durable
 * </pre>
 *
 * <h2>Orders that must not change</h2>
 *
 * <ul>
 *   <li>A page is written only after its records are forced; a slot names a redo start only after the pages are
 *       forced; log goes only after that slot is forced, and then only by {@link dev.quire.durable.LogRelease}.
 *   <li>Before the first page of a checkpoint: a slot that knows the log forced to T, and headers that require it.
 *   <li>Creating: file first, record second. Dropping and attaching: record first.
 *   <li>Recovery forces before it believes, writes again what a failed force may have lost, and writes nothing that
 *       another recovery from the same slot would not write.
 * </ul>
 *
 * <h2>Locks</h2>
 *
 * <p>In the order in which they are taken: the writer's place, the checkpointer's lock, that of the versions, that of
 * the checkpoint file. The log's witness is called without any lock of the log and takes only the checkpoint file's
 * or the clock's. The latch between checkpoint and backup is held for one write or one copy and never while waiting
 * for another.
 *
 * <h2>The rule of this package</h2>
 *
 * <p>A failed write or force of log, guard, slot or database ends writing for good: no retry, no acknowledgement,
 * reads go on, reopening recovers. All channel I/O runs on engine threads, which nobody interrupts. Nothing here
 * knows where a backup goes, nor what a page means.
 */
package dev.quire.durable;
