/**
 * What Quire costs, measured: a suite of JMH benchmarks, each beside the bare thing that it is made of.
 *
 * <h2>Pairs</h2>
 *
 * <p>A number of one machine says little, and on a virtual machine with neighbours it says little even there. So
 * nothing is measured alone. Each benchmark has a baseline that touches the same bytes with nothing between: a page
 * read beside a {@link java.nio.ByteBuffer#getLong}, a get beside a chain of dependent reads, a scan beside a sum, a
 * commit beside a write and a force, a recovery beside reading the log. What is promised and compared is the ratio,
 * taken in one run: {@link dev.quire.benchmarks.Figures} runs each pair in rounds, one right after the other, and
 * prints the median.
 *
 * <h2>What misleads</h2>
 *
 * <ul>
 *   <li>The first touch of memory can cost several times the second. Heaps are touched before, files that are measured
 *       are written, forced and read before, and copies are made next to what they are compared with.
 *   <li>A cache that is idle may be taken away. Whatever is called hot is read in the setup of the same fork.
 *   <li>Overlapping reads are a different thing from dependent ones. Where the difference matters both are there.
 *   <li>An object that has just been made is cheaper to store references in than one that is old, with the default
 *       collector. What a program keeps for long is made old first.
 * </ul>
 *
 * <h2>Running</h2>
 *
 * <pre>
 *   java -jar benchmarks/target/benchmarks.jar -l                          names
 *   java -jar benchmarks/target/benchmarks.jar TableGet -prof gc           one of them, in full
 *   java -jar benchmarks/target/benchmarks.jar -f 1 -wi 0 -i 1 -r 100ms    all of them, to see that they run
 *   java -cp benchmarks/target/benchmarks.jar dev.quire.benchmarks.Figures         the table of RESULTS.md
 *   java -cp benchmarks/target/benchmarks.jar dev.quire.benchmarks.MemoryReport    what an open instance holds
 *   java -Xms1g -Xmx1g -XX:+AlwaysPreTouch -cp benchmarks/target/benchmarks.jar
 *       dev.quire.benchmarks.BackupFigures                                         backups of 1.4 GB
 * </pre>
 *
 * <p>Everything is written to a temporary directory. To measure another disk, or to keep the loaded store from fork to
 * fork, name a directory: {@code -Dquire.bench.dir=...} for the two programs, {@code -jvmArgsAppend
 * -Dquire.bench.dir=...} for JMH.
 *
 * <h2>Stress</h2>
 *
 * <p>In the same jar, in the packages they are about, stand the jcstress tests of what takes no lock: readers that
 * register against a checkpoint ({@code RegistrationStress}), commits that are published against readers ({@code
 * PublicationStress}), memory that is used again ({@code ReuseStress}), leadership of the force that is given up
 * ({@code GroupForceStress}), and the gate ({@code GateStress}). Each names what it allows, and the threat in what it
 * forbids; and each was seen to find its forbidden outcome when the rule it guards was broken on purpose.
 *
 * <pre>
 *   java -cp benchmarks/target/benchmarks.jar org.openjdk.jcstress.Main -l -t dev.quire        names
 *   java -cp benchmarks/target/benchmarks.jar org.openjdk.jcstress.Main -t FrameUnderReader    one of them
 *   java -cp benchmarks/target/benchmarks.jar org.openjdk.jcstress.Main -t dev.quire -m tough  all of them
 * </pre>
 *
 * <p>jcstress leaves its results where it is started; {@code -r DIR} says where its report goes.
 *
 * <h2>Backups</h2>
 *
 * <p>A backup of a gibibyte takes a second and depends on what memory and disk did the second before. So {@link
 * dev.quire.benchmarks.BackupFigures} pairs more closely: what is measured and its baseline take turns in one JVM, each
 * behind the same preparation ({@link dev.quire.benchmarks.Bare#ready}). Full backups idle and beside a durable writer,
 * incrementals, restores and verification each have a class, named after what it measures.
 *
 * <p>With {@code mvn -Ppeers package} the jar also has {@code PeerFigures}, which puts the hot backups of LMDB, SQLite
 * and RocksDB beside Quire's. Their sources are in {@code src/peers}, their native libraries are 100 MB, and nothing
 * else needs either. LMDB wants {@code --add-opens} of {@code java.nio} and {@code sun.nio.ch}.
 *
 * <p>{@link dev.quire.benchmarks.Scratch} is where files come from, {@link dev.quire.benchmarks.Records} what is in
 * them, {@link dev.quire.benchmarks.StoreFixture} and {@link dev.quire.benchmarks.RawStore} the instances.
 */
package dev.quire.benchmarks;
