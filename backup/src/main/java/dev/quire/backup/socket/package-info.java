/**
 * Backups of an instance that another process has open, through a socket in the file system. BACKUP.md has the promises
 * and every byte of the protocol.
 *
 * <h2>Words</h2>
 *
 * <dl>
 *   <dt>offer
 *   <dd>a backup that can be pulled, {@link dev.quire.backup.BackupOffer}: the same in this process and behind a
 *       socket, so what stores one works with either.
 *   <dt>wire
 *   <dd>one side of a connection ({@link dev.quire.backup.socket.Wire}).
 *   <dt>lease
 *   <dd>how long nobody may ask or take anything before the backup is over.
 * </dl>
 *
 * <h2>The flow</h2>
 *
 * <pre>
 *   BackupSocket.listen ─▶ LocalSocket ─▶ Connection, a thread each ─▶ LocalOffer ─▶ ExternalBackup ─▶ instance
 *                                              │ frames
 *   BackupSocket.backup ─▶ PulledBackup ─▶ RemoteOffer ─▶ Wire
 *                               └─▶ Destination, PulledFiles: stored, verified where it arrived, published
 * </pre>
 *
 * <h2>Hostile input</h2>
 *
 * <p>Each side takes the other one for anything. A frame has a bound that is known before it is read, a checksum, a
 * type that is known, and a payload of a length that fits that. What a length inside speaks of lies inside the payload.
 * What is wrong is an error of that connection, told to the other side, and nothing else. Names of files are judged
 * where they are stored ({@code PulledFiles}).
 *
 * <h2>The rule of this package</h2>
 *
 * <p>Nobody waits for the other side with anything of an instance in hand, nor without looking up twenty times a second
 * whether that is still wanted.
 */
package dev.quire.backup.socket;
