package dev.quire.cli;

import dev.quire.Instance;
import dev.quire.backup.socket.BackupSocket;
import dev.quire.durable.EngineThreads;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Keeps an instance open, and answers. */
@CommandLine.Command(
        name = "serve",
        description = {
            "Keeps an instance open, so that a second process takes backups of it: backup --connect PATH DEST.",
            "Says on standard output when it is ready, and goes on until it is interrupted; then it ends backups that"
                    + " run, closes the instance and takes the socket away.",
            "With --json that is two objects, each in a line of its own: one that has ready, and at the end one"
                    + " that has seconds, or error."
        })
final class ServeCommand extends Command {

    private static final int LOOK_MS = 50;
    private static final int LOAD_MAX = 100_000;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The directory of the instance.")
    private Path instance;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            required = true,
            description = "Where the socket is made, for this user alone. What a process that has ended left there is"
                    + " replaced.")
    private Path socket;

    @Option(
            names = "--write-load",
            paramLabel = "N",
            description = "Commits N times a second, durably, to the database " + WriteLoad.DATABASE
                    + ", whose size is bounded. Default: 0.")
    private int load;

    @Option(
            names = "--keep-log",
            description = "From now on log stays until a backup has it, for incremental backups. Back: truncate-logs"
                    + " --circular.")
    private boolean keepLog;

    @Override
    int run() throws IOException {
        if (load < 0 || load > LOAD_MAX) {
            throw misuse("--write-load must be 0 to " + LOAD_MAX + ": " + load);
        }
        output().print(LogSwitch.run(instance, keepLog, this::open, this::serve));
        return ExitCodes.CANCELLED;
    }

    private Report serve(Instance opened, Runnable stays) throws IOException {
        long start = System.nanoTime();
        WriteLoad writing = load == 0 ? null : new WriteLoad(opened, load);
        try (BackupSocket listening = BackupSocket.listen(opened, absolute(socket))) {
            ready(opened, listening);
            stays.run();
            if (writing != null) {
                writing.start();
            }
            while (!cancellation().isCancelled() && (writing == null || !writing.hasFailed())) {
                EngineThreads.pause(LOOK_MS);
            }
        } finally {
            if (writing != null) {
                writing.close();
            }
        }
        double seconds = Amounts.seconds(System.nanoTime() - start);
        Report report = new Report().add("seconds", seconds);
        if (writing != null) {
            report.add("commits", writing.commits()).add("commitsPerSecond", writing.commits() / seconds);
        }
        return report;
    }

    /** At once, not when it ends: somebody waits for it. */
    private void ready(Instance opened, BackupSocket listening) throws IOException {
        output().printFirst(
                        "ready: " + opened.directory() + " answers at " + listening.path() + "\n",
                        new Report()
                                .add("instance", opened.directory().toString())
                                .add("socket", listening.path().toString())
                                .add("ready", true));
    }
}
