/**
 * Numbered, checksummed pages in a file.
 *
 * <h2>Words</h2>
 *
 * <dl>
 *   <dt>page
 *   <dd>a fixed number of bytes at {@code number * pageSize}, with a header ({@link dev.quire.io.page.PageLayout}). 4
 *       to 64 KiB, the same for all pages of a file.
 *   <dt>extent
 *   <dd>contiguous pages under one header and one checksum: a large page, of at most 1 MiB.
 *   <dt>sealed
 *   <dd>a page whose checksum was computed; nothing else may be written to the file.
 *   <dt>judged, verified
 *   <dd>a page whose checksum was compared since the file was opened; nothing else may be believed.
 *   <dt>window
 *   <dd>up to 1 GiB of the file in one read-only map. No page and no extent straddles two.
 *   <dt>header, shadow
 *   <dd>pages 0 and 1: the two copies of what a database says about itself
 *       ({@link dev.quire.io.page.DatabaseHeaderLayout}).
 * </dl>
 *
 * <h2>How a page is read</h2>
 *
 * <pre>
 *   state(page) ── VERIFIED, not VERSIONED ──────────────▶ find(page) ─▶ bytes in the map
 *        │ not VERIFIED                                        ▲
 *        └──▶ verify(page): read into an array, judge, mark ───┘        VERSIONED: the caller has it elsewhere
 * </pre>
 *
 * <p>The order of importance is: never believe a byte that was not judged; never let a failing disk end the process;
 * then speed. The critical path is {@code state} and {@code find}: one volatile load, shifts, two array loads, no
 * allocation. Everything else may take its time.
 *
 * <p>Why pages are not judged in the map: a checksum over mapped memory runs in a stub of the JVM that does not survive
 * a failing page. Why they are read in the caller's thread through an array: a channel would be closed by an interrupt
 * of that thread, and handing the work to another costs forty times the read.
 *
 * <h2>How a page is written</h2>
 *
 * <p>From private memory, sealed, by one thread of the engine at a time, and only while no reader is sent to its place
 * in the file: this package does not arrange that, it only keeps the two bits by which it is arranged. Nothing is
 * written through a map, and no file is ever made shorter.
 *
 * <h2>What damage looks like</h2>
 *
 * <p>A changed bit, a page of another file, a page in the wrong place, a page of zeros and a page number that leads
 * outside are each a {@link dev.quire.io.CorruptionException} that names page, expectation and finding. A page that an
 * earlier write should have replaced, but did not, verifies: lost writes are found by dbtime, in the log.
 *
 * <h2>Looking at many pages</h2>
 *
 * <p>{@link dev.quire.io.page.PageRangeVerifier} judges pages in memory, {@link dev.quire.io.page.PageSweep} pages in a
 * file; both are told by a {@link dev.quire.io.page.PageUse} which pages mean anything, and go on after a fault.
 */
package dev.quire.io.page;
