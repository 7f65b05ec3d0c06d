/**
 * The one door to the disk, and what passes through it.
 *
 * <h2>The door</h2>
 *
 * <p>{@link dev.quire.io.Storage} knows names, {@link dev.quire.io.StoreFile} bytes. Everything above them is written
 * against what they promise, which is little: contents and names become durable separately, nothing is promised about
 * anything that was not forced, nor about the order of two things that were not. {@link dev.quire.io.FileStorage} is
 * the operating system; the tests of this module have a disk of their own that crashes at any operation and keeps
 * exactly as little as a real one may.
 *
 * <h2>Threads and interrupts</h2>
 *
 * <p>An interrupt closes the channel that its thread is using, for everybody, and drops the locks of its file. So
 * channels belong to the engine's threads, which nobody interrupts, and everybody else reads and writes through handles
 * that an interrupt leaves alone: the methods that take a {@code byte[]}, and with them {@code size} and {@code map}.
 *
 * <h2>Faults</h2>
 *
 * <p>A short write is a write that goes on; a full disk is a {@link dev.quire.io.StorageFullException}; the rest is a
 * {@link dev.quire.io.StorageFaultException}. A failed force is final. The kernel reports it once, marks the pages
 * clean and calls the next force a success, so a file remembers its first failure and repeats it; what the cache shows
 * from then on proves nothing about the disk.
 *
 * <p>Every error a user can meet is a {@link dev.quire.io.QuireException} with a {@link dev.quire.io.QuireError}. They
 * live here, at the bottom, so that nothing has to point upward to name one.
 *
 * <h2>Long operations</h2>
 *
 * <p>{@link dev.quire.io.Progress} is how every one of them tells how far it is and learns how fast it may be and when
 * to end; {@link dev.quire.io.RateLimit} is how fast. What happens on the way is an {@link
 * dev.quire.io.OperationEvent}, told through {@link dev.quire.io.Events} to the log of the system, to the flight
 * recorder and to the progress.
 *
 * <h2>Bytes</h2>
 *
 * <p>{@link dev.quire.io.BytesView} and {@link dev.quire.io.MutableBytesView} are how page bytes reach a user: in
 * place, every index checked, and cut off when the transaction ends. {@link dev.quire.io.Checksum} is the CRC32C of
 * everything we write; it must never see a map, because a page that fails under it takes the process along.
 */
package dev.quire.io;
