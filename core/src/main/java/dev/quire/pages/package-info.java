/**
 * Which bytes are page N, and for whom: versions in memory, the file below them, the memory they stand in, and which
 * pages are free.
 *
 * <h2>Words</h2>
 *
 * <dl>
 *   <dt>version
 *   <dd>the bytes of a page as of one commit, in a {@link dev.quire.pages.Frame}; never changed once published. Those
 *       of a page form a chain, newest first. The oldest of all is the one in the file.
 *   <dt>dirty
 *   <dd>a page with a version that its file does not hold.
 *   <dt>covered
 *   <dd>a version without bytes: as of it the page is part of an extent that starts before it.
 *   <dt>position
 *   <dd>place in the log just behind a commit; orders commits.
 *   <dt>published, durable, visible
 *   <dd>the newest commit whose versions are in the tables; that no crash takes back; that a new reader sees
 *       ({@link dev.quire.pages.CommitClock}).
 *   <dt>slot
 *   <dd>where a transaction says which snapshot it reads and since which epoch ({@link dev.quire.pages.ReaderSlots}).
 *   <dt>T
 *   <dd>the position of a checkpoint: the lowest of the durable one and every slot.
 *   <dt>prune
 *   <dd>to drop a version that nobody sees or can come to see.
 *   <dt>epoch
 *   <dd>counts drops; tells when everybody who may have found a dropped version has left.
 *   <dt>region
 *   <dd>the pages that one allocation map tells of ({@link dev.quire.pages.AllocationLayout}).
 * </dl>
 *
 * <h2>How a page is found</h2>
 *
 * <pre>
 *   SnapshotPages.read ─▶ two bits of the page
 *        │ verified, no versions ─────────────────────────────────▶ map        (nearly always)
 *        │ versions ─▶ VersionTable ─▶ newest at or below snapshot ─▶ frame
 *        │                               none ──────────────────────▶ map
 *        └ not verified ─▶ PageFile.verify ────────────────────────▶ map
 *
 *   ChangedPages.read  ─▶ own copy ─▶ newest version ─▶ map        the writer
 *   ChangedPages.modify ─▶ own copy, made and verified at the first change
 * </pre>
 *
 * <h2>When a version may go</h2>
 *
 * <p>A prune runs when a page gets a newer version. It keeps every version above the durable commit, since a force
 * may end at any of them, and the newest at or below: the durable commit, each slot, T of a running checkpoint.
 * Nobody needs the others, so their memory is free at once.
 *
 * <p>A checkpoint drops what the file holds then, forced. Somebody may have found such a version before and read it
 * still: its memory waits until every slot's epoch lies behind the drop.
 *
 * <p>While a slot is pending nothing is decided: its owner may have read any position up to now.
 *
 * <h2>When the file may be written in place</h2>
 *
 * <p>Only pages with a version at or below T. Whoever sees an older one would have held T back, whoever sees that one
 * or a newer one finds it in the table. So nobody is reading the place.
 *
 * <h2>Space</h2>
 *
 * <p>Allocation maps are pages like others and change inside the transaction. Freeing writes nothing to the page. A
 * freed page may be given out at once: its first record is then a full image, and readers of earlier commits find
 * what they see, since T stays below them.
 *
 * <h2>The rule of this package</h2>
 *
 * <p>One lock, that of {@link dev.quire.pages.Versions}, guards every change to a table, a bit that follows it, and the
 * choice of T; no I/O happens under it. Readers take no lock. Memory comes from slabs that are never given back, so a
 * view that is kept too long reads undefined bytes and never freed memory. What is written to disk, and when, is
 * decided in {@code dev.quire.durable}.
 */
package dev.quire.pages;
