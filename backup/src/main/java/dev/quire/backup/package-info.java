/**
 * Backups of a running instance to a directory: full ones, copies, and incrementals and differentials that build on a
 * full; their verification at rest, and restore. BACKUP.md has the steps, the rules and the limits.
 *
 * <h2>Words</h2>
 *
 * <dl>
 *   <dt>R0
 *   <dd>the redo start when the backup began: the database files held exactly that state then.
 *   <dt>use map
 *   <dd>two bits a page: what was in use at R0, and so was copied ({@link dev.quire.backup.UsageMap}).
 *   <dt>consistentFrom
 *   <dd>the durable position when the last page had been copied; no page in the copy is newer.
 *   <dt>imaged
 *   <dd>a page that the log behind R0 holds whole, so that its copy does not matter
 *       ({@link dev.quire.backup.ImagedPages}).
 *   <dt>manifest
 *   <dd>what a backup says of itself; there is a backup from the moment it has its name
 *       ({@link dev.quire.backup.Manifest}).
 *   <dt>set
 *   <dd>what is published in one directory: a chain, which is a full and its incrementals, with differentials; or a
 *       copy ({@link dev.quire.backup.BackupSet}).
 *   <dt>series
 *   <dd>the calls of an external backup, from begin to end ({@link dev.quire.backup.Series}).
 *   <dt>offer
 *   <dd>an external backup as the one who stores it sees it, in this process or another
 *       ({@link dev.quire.backup.BackupOffer}).
 *   <dt>leftovers
 *   <dd>files of a backup that was never published.
 *   <dt>point
 *   <dd>where a restore stops: a position, a generation, a time, a restore point; the last commit at or before it.
 *   <dt>roll forward
 *   <dd>to go on behind a set with the log of the instance that it is of ({@link dev.quire.backup.LiveLog}).
 *   <dt>stage
 *   <dd>the directory beside the target in which a restore works.
 * </dl>
 *
 * <h2>The flow</h2>
 *
 * <pre>
 *   Backup   ─▶ BackupSession (R0, pin, base) ─▶ Destination ─▶ PageCopy  ─ moves, in the kernel ─▶ ID.NAME.qdb
 *                                                                └ verified, forced behind the mover ◀──┘
 *            ─▶ roll ─▶ LogCopy ─▶ ID.N.qlog, verified ─▶ judge pages by ImagedPages
 *            ─▶ UsageMap, ManifestFormat ─▶ rename of the manifest ─▶ stamps, release of log
 *
 *   ExternalBackup ─▶ Series (order, lease) ─▶ BackupSession ─▶ OfferedDatabase, OfferedLog ─▶ ExternalReader ─▶ caller
 *            ─▶ judge pages ─▶ intent ─▶ manifest ─▶ caller ─▶ stamps, release of log
 *
 *   PulledBackup ─▶ BackupOffer (LocalOffer, or through a socket) ─▶ Destination ─▶ PulledFiles
 *                                   └ verified, forced behind the one who stores ─▶ manifest ─▶ rename ─▶ end
 *
 *   BackupVerification ─▶ BackupSet ─▶ PageSweep on all processors ─▶ every generation ─▶ every fault
 *
 *   Restore  ─▶ RestoreScan ─▶ BackupSet, SetCheck, LiveLog, StopSearch: what is taken, where it ends
 *            ─▶ Stage ─▶ StagedPages, LogReplayCheck ─▶ RestoredFiles ─▶ recovery, up to there ─▶ new stream ─▶ rename
 * </pre>
 *
 * <h2>What makes it right</h2>
 *
 * <ul>
 *   <li>Every page in use at R0 is copied; every other page that a later state needs begins with an image behind R0.
 *   <li>A copied page may be newer than R0: redo passes over what it holds.
 *   <li>A copied page may fail to verify and be right, if an image covers it. So pages are judged after the log.
 *   <li>What is verified is what arrived; of an external backup, and beside writers, what leaves, in the memory that it
 *       leaves from.
 * </ul>
 *
 * <h2>Hostile input</h2>
 *
 * <p>A backup may come from anywhere. The manifest names no path: names of files follow from its id, from names that
 * were judged, from numbers. Every number is bounded before anything is allocated or opened by it. What it says of
 * files is compared with the files.
 *
 * <h2>The rule of this package</h2>
 *
 * <p>Whatever goes wrong before the rename leaves nothing behind and changes nothing of the instance; whatever goes
 * wrong behind it leaves the backup. It touches files only in the destination, the stage and the target, and an
 * engine only through {@code BackupSession}.
 */
package dev.quire.backup;
