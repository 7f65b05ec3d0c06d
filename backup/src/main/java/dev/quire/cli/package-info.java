/**
 * The command line: {@code java -jar quire.jar}.
 *
 * <pre>
 *   demo     loads the JDK's own image, backs it up while a writer works, loses it, restores it, compares every byte
 *   load     a directory tree, or lines of key TAB value        get, put, delete, scan    entries of a table
 *   stat     what an instance holds      check  every page and tree      recover  opens, redoes, closes
 *   serve    keeps an instance open, so that another process can back it up
 *   backup   an online backup of a kind  verify a backup at rest         restore  backups to a new instance
 *   list     backups in a directory      show   what a restore takes     truncate-logs  what nobody needs
 *   dump     header, page, log, checkpoint, manifest: what is in a file, offline; recovers nothing, writes nothing
 * </pre>
 *
 * <p><b>Manners.</b> Results go to standard output, everything else to standard error. On a terminal there is a
 * progress
 * bar; elsewhere a quiet line now and then, never a control sequence. With {@code --json} standard output carries
 * exactly
 * one JSON object, an error included, and standard error no progress. Every error is one line that starts with
 * {@code quire:}; {@code --stacktrace} adds the rest. Exit codes are those of {@link dev.quire.cli.ExitCodes}, and
 * stay.
 *
 * <p><b>Cancelling.</b> An interrupt (Ctrl-C) or a polite kill sets a flag that long operations ask for; the virtual
 * machine ends only when the command has cleaned up, so a cancelled backup or restore leaves nothing behind. The
 * recovery that any command may have to begin with is one of them: ended, it begins again with the next command.
 *
 * <p><b>Shape.</b> One command a class under {@link dev.quire.cli.QuireCommand}; {@link dev.quire.cli.Command} turns
 * what
 * it throws into a line and an exit code; {@link dev.quire.cli.Output} prints a {@link dev.quire.cli.Report} either
 * way.
 *
 * <p><b>The second reader.</b> What {@code dump} shows is decoded by classes of this package ({@code *Decoder}) from
 * the
 * documented format, with offsets and checksums of their own: they share no code with the engine, so a mistake that its
 * writer and its checker have in common shows when {@code --cross-check} compares the two.
 *
 * <p><b>Libraries.</b> picocli reads the arguments, jackson-core writes JSON, progressbar draws; chronicle-bytes reads
 * and draws bytes for the second reader, on the heap only. Each of the last two is touched by one class that is loaded
 * when it is needed; where chronicle-bytes cannot run, or could only with a warning of the virtual machine, a plain
 * class
 * takes its place and prints the same.
 */
package dev.quire.cli;
