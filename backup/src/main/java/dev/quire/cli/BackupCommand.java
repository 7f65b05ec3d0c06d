package dev.quire.cli;

import dev.quire.backup.Backup;
import dev.quire.backup.BackupReport;
import dev.quire.backup.BackupRequest;
import dev.quire.backup.socket.BackupSocket;
import dev.quire.durable.BackupKind;
import dev.quire.io.ForwardingProgress;
import dev.quire.io.OperationEvent;
import dev.quire.io.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a backup. */
@CommandLine.Command(
        name = "backup",
        customSynopsis = {"quire backup [OPTIONS] INSTANCE DEST", "quire backup [OPTIONS] --connect SOCKET DEST"},
        description = {
            "Copies an instance, or its log since the last backup, to a directory, and verifies every page and log"
                    + " record.",
            "Without a kind: a full backup, to a directory that is empty or new in an existing one."
        })
final class BackupCommand extends Command {

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "INSTANCE",
            description = "The directory of the instance; with --connect there is DEST alone.")
    private Path first;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "DEST",
            description = "An empty directory; for --incremental and --differential that of the full backup.")
    private Path second;

    @Option(
            names = "--connect",
            paramLabel = "SOCKET",
            description = "Backs up the instance that another process has open, and that answers at this socket: see"
                    + " serve. How it keeps log is that process's to say.")
    private Path socket;

    @ArgGroup
    private Kind kind;

    @Option(names = "--atomic", description = "Keeps the backup that is in DEST until the new one is complete.")
    private boolean atomic;

    @Option(names = "--create-path", description = "Makes DEST, and directories above it, where they are missing.")
    private boolean createPath;

    @Option(
            names = "--keep-log",
            description = "From now on log stays until a backup has it, for incremental backups; if this backup is"
                    + " taken. Back: truncate-logs --circular.")
    private boolean keepLog;

    @Option(names = "--label", paramLabel = "TEXT", description = "Some words about it, for people.", defaultValue = "")
    private String label;

    /** One of them, or none. */
    static final class Kind {

        private BackupKind chosen = BackupKind.FULL;

        @Option(names = "--full", description = "All pages and the log; begins a chain.")
        void full(boolean on) {
            choose(on, BackupKind.FULL);
        }

        @Option(names = "--incremental", description = "The log since the last full or incremental backup.")
        void incremental(boolean on) {
            choose(on, BackupKind.INCREMENTAL);
        }

        @Option(names = "--differential", description = "The same; nothing follows it, and no log goes.")
        void differential(boolean on) {
            choose(on, BackupKind.DIFFERENTIAL);
        }

        @Option(names = "--copy", description = "All pages and the log, beside the chain; no log goes.")
        void copy(boolean on) {
            choose(on, BackupKind.COPY);
        }

        private void choose(boolean on, BackupKind kind) {
            chosen = on ? kind : chosen;
        }
    }

    @Mixin
    private RateOption rate;

    @Override
    int run() throws IOException {
        Path destination = absolute(destination());
        BackupRequest.Draft request = BackupRequest.of(kind == null ? BackupKind.FULL : kind.chosen)
                .to(destination)
                .atomic(atomic)
                .createPathIfNotExist(createPath || isNewInExisting(destination))
                .label(text(label));
        output().print(report(socket == null ? ofInstance(request) : ofSocket(request)));
        return ExitCodes.OK;
    }

    private Path destination() {
        if (first == null) {
            throw misuse("Missing required parameter: " + (socket == null ? "'INSTANCE' and 'DEST'" : "'DEST'"));
        }
        if (socket == null && second == null) {
            throw misuse("Missing required parameter: 'DEST'");
        }
        if (socket != null && second != null) {
            throw misuse("with --connect there is no INSTANCE, only DEST");
        }
        if (socket != null && keepLog) {
            throw misuse("--keep-log says how an instance is opened, and with --connect it is open: give it to serve");
        }
        return socket == null ? second : first;
    }

    private BackupReport ofInstance(BackupRequest.Draft request) throws IOException {
        return LogSwitch.run(first, keepLog, config -> open(config, rate), (opened, stays) -> {
            try (ProgressLine progress = progress()) {
                Progress followed = new Followed(rate.on(progress), stays);
                return Backup.run(opened, request.progress(followed).conclude());
            }
        });
    }

    /** From when the backup is published on, the next one needs the log behind it. */
    private static final class Followed extends ForwardingProgress {

        private final Runnable published;

        Followed(Progress to, Runnable published) {
            super(to);
            this.published = published;
        }

        @Override
        public void advance(Phase phase, long done, long total) {
            if (phase == Phase.PUBLISH && done == total) {
                published.run();
            }
            super.advance(phase, done, total);
        }
    }

    private BackupReport ofSocket(BackupRequest.Draft request) {
        try (ProgressLine progress = progress()) {
            return BackupSocket.backup(
                    absolute(socket), request.progress(rate.on(progress)).conclude());
        }
    }

    /** Without a kind the last directory of the path is made, as {@link Backup#full} does. */
    private boolean isNewInExisting(Path destination) {
        Path parent = destination.getParent();
        return kind == null && !atomic && parent != null && Files.isDirectory(parent);
    }

    static Report report(BackupReport done) {
        return new Report()
                .add("id", done.id())
                .add("kind", done.kind().word())
                .add("label", done.label())
                .lines("databases", done.databases())
                .add("pages", done.pages())
                .bytes("pageBytes", done.pageBytes())
                .add("generationLow", done.generationLow())
                .add("generationHigh", done.generationHigh())
                .bytes("logBytes", done.logBytes())
                .positionIfAny("consistentFrom", done.consistentFrom())
                .position("end", done.end())
                .add("released", done.released())
                .took(done.pageBytes() + done.logBytes(), done.nanos())
                .lines("events", lines(done.events()));
    }

    static List<String> lines(List<OperationEvent> events) {
        return events.stream().map(OperationEvent::toString).toList();
    }
}
