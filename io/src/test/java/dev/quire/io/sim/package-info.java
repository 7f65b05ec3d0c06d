/**
 * A disk that loses exactly what a real one may lose.
 *
 * <h2>What it keeps apart</h2>
 *
 * <p>For every file there is an image that everybody sees, an image on the medium, and the writes in between; for every
 * directory the same with names. {@link dev.quire.io.StoreFile#force} takes the writes of one file to the medium, with
 * its length; {@link dev.quire.io.StoreFile#writeThrough} the sectors it touches and the length up to the end of them,
 * and nothing else; {@link dev.quire.io.Storage#forceDirectory} the changes of names in one directory. A new file is
 * not found after a crash, however well forced, unless its directory was forced, and the directories above it.
 *
 * <p>The medium is written in sectors of 512 bytes, each as the cache has it at the time: a sector that carries a later
 * write carries the earlier ones, too. Beyond that nothing is ordered, within a file or between files.
 *
 * <p>Of the unforced changes of names any subset may survive, but a rename is there as a whole or not at all, also
 * between directories, where it is safe only after both were forced, or something that rests on it was. A change that
 * needs an earlier one which was lost (a name that is still taken) is lost with it, so a node never vanishes because
 * half of a rename did.
 *
 * <h2>Crashes</h2>
 *
 * <p>Everything that changes the disk is an operation with a number. A trace is recorded once and then crashed at every
 * operation under every {@link dev.quire.io.sim.CrashPolicy}: an image shares all it can with the disk it was made from
 * and takes microseconds. The operation at which it crashes is under way: it counts as unforced, a force under way has
 * forced nothing. After the end of a process ({@link dev.quire.io.sim.SimDisk#processCrashImage}) everything can be
 * read, but what was not forced is still on its way, and a later power cut may take it.
 *
 * <h2>Faults</h2>
 *
 * <p>A failed force leaves its contents readable and never brings them to the medium; the next force of the file
 * reports success and keeps only what was written since (with the sectors that those writes share with lost ones, for a
 * cache writes back whole sectors). A short write and a full disk leave a first part. Lost and misdirected writes are
 * acknowledged and cannot be told from good ones until they are read. {@code corrupt} changes what is kept, wherever it
 * is kept.
 *
 * <h2>Where it is kinder than a disk</h2>
 *
 * <p>A sector is never torn. A map is a copy kept up to date and never faults. Files never become shorter. The order in
 * which a medium that was written through is read back is not modelled, nor is a failed force that kept a part.
 */
package dev.quire.io.sim;
