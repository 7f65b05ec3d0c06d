/**
 * A log: numbered files of batches of records, of which it is known at any time how far they are durable, and of which
 * can be told afterwards where they end. What a record means is nobody's business here.
 *
 * <h2>Words</h2>
 *
 * <dl>
 *   <dt>stream
 *   <dd>one history, from its first record on, under one random <em>signature</em>
 *   <dt>generation
 *   <dd>a file of the stream, numbered from 1: {@code 0000001f.qlog}; of fixed size, zero or old before it is used
 *   <dt>batch
 *   <dd>what is written at once, from a multiple of 512 bytes on; forced or not as a whole
 *   <dt>record
 *   <dd>some bytes with a type, inside a batch
 *   <dt>LSN
 *   <dd>a place in the stream: generation and offset in one ordered long, {@link dev.quire.io.log.Lsn}
 *   <dt>closing position
 *   <dd>where a generation ends; what stands behind it in the file is void
 *   <dt>Begin
 *   <dd>the first record of a generation, alone in its batch: where the one before closed, and what the engine wants
 *       known
 *   <dt>slot
 *   <dd>two of them, kept by the engine: each names the highest generation started and a forced position
 * </dl>
 *
 * <h2>Writing</h2>
 *
 * <pre>
 *   append ─▶ LogTail ─▶ open batch ─▶ sealed batches ─▶ LogHead ─▶ OpenGeneration ─▶ file
 *                          (lock, memory only)              │ (the leader alone)
 *   await ──▶ GroupForce ─▶ leads, or waits for the leader ◀┘ forced, engine told, waiters woken
 *
 *   GenerationStock ─▶ GenerationBuilder: the next files, ready before they are needed
 * </pre>
 *
 * <p>There is one leader at a time. A lone committer leads in its own thread and writes through an array, which an
 * interrupt cannot hurt; when others come meanwhile the log thread takes over and forces for all of them at once. While
 * it does, the next batch fills.
 *
 * <p>The order of a switch is the order that recovery rests on, and it is the same when the log goes on after recovery:
 * <ol>
 *   <li>generation N is forced to its closing position;
 *   <li>Begin of N+1 is written alone, and forced;
 *   <li>the engine forces a slot that names N+1 and a position behind Begin;
 *   <li>only then is anything written behind Begin.
 * </ol>
 *
 * <p>After the first failed write or force the log is over. Nothing is tried again, nobody who waits is told that it
 * went well, and opening it anew recovers what there is.
 *
 * <h2>Reading</h2>
 *
 * <p>Every batch verifies by itself, knows its place, and carries the checksum of the one before; its header verifies
 * alone and says what was known to be forced when it was written. From these headers, from Begin of the next generation
 * and from the slots comes K, the highest position of which anything says that it was forced. The first batch that does
 * not verify stands at L. Below K it is damage, and nothing is believed; at or above K it is the torn end, and nothing
 * behind it counts, valid or not. {@link dev.quire.io.log.LogSurvey} finds it; nothing is ever cut off to make an error
 * go away, and nothing is ever appended behind a torn end: the log goes on in the next generation.
 *
 * <p>The log is read once for two ({@link dev.quire.io.log.LogRelay}): a scout, who must know all of it, and a follower
 * behind, who may only be shown what the scout knows to count. {@link dev.quire.io.log.LogFiles} reads single files, as
 * backups copy them.
 */
package dev.quire.io.log;
