package dev.quire.cli;

import dev.quire.backup.Restore;
import dev.quire.backup.RestorePlan;
import dev.quire.backup.RestoreReport;
import dev.quire.backup.RestoreRequest;
import dev.quire.durable.NamedPoint;
import dev.quire.io.FileStorage;
import dev.quire.io.log.Lsn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Restores a backup to a new instance, or says what that would give. */
@CommandLine.Command(
        name = "restore",
        description = {
            "Verifies a full backup with what builds on it, or a copy, and makes an instance of it, in a new or empty"
                    + " directory.",
            "Without a point to stop at it goes to the end of the log. A point means the last commit at or before it."
        })
final class RestoreCommand extends Command {

    @Parameters(index = "0", paramLabel = "DEST", description = "The directory of the backup.")
    private Path backup;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "INSTANCE",
            description = "The directory of the new instance; with --plan there may be none.")
    private Path instance;

    @ArgGroup
    private Stop stop;

    @Option(
            names = "--only",
            paramLabel = "NAME",
            description = "Restores this database and no other; may be given several times.")
    private List<String> only = List.of();

    @Option(
            names = "--map",
            paramLabel = "OLD=NEW",
            description = "Gives a database another name; may be given several times.")
    private List<String> renamed = List.of();

    @Option(
            names = "--roll-forward",
            paramLabel = "DIR",
            description = "Goes on with the log of the instance in DIR, or with that log; the instance may be running.")
    private Path rollForward;

    @Option(
            names = "--accept-loss",
            description = "Ends where that log cannot be read any further, and says from where on it is lost.")
    private boolean acceptLoss;

    @Option(names = "--plan", description = "Says what would be taken and reached, and writes nothing.")
    private boolean plan;

    /** One of them, or none. */
    static final class Stop {

        @Option(names = "--to-lsn", paramLabel = "LSN", description = "A position in the log, as in 3:0x1200.")
        private String lsn;

        @Option(
                names = "--to-time",
                paramLabel = "TIME",
                description = "A moment with its zone, as in 2025-03-01T12:30:00Z or 2025-03-01T13:30:00+01:00.")
        private String time;

        @Option(names = "--to-generation", paramLabel = "N", description = "The end of a generation of the log.")
        private Integer generation;

        @Option(names = "--to-name", paramLabel = "NAME", description = "A restore point that a transaction left.")
        private String name;
    }

    @Mixin
    private RateOption rate;

    @Override
    int run() throws IOException {
        if (instance == null && !plan) {
            throw misuse("INSTANCE is missing; only --plan needs none");
        }
        RestoreRequest.Draft draft = RestoreRequest.of(absolute(backup)).acceptLoss(acceptLoss);
        if (stop != null) {
            until(draft);
        }
        only.forEach(name -> draft.only(text(name)));
        for (String each : renamed) {
            String[] names = each.split("=", 2);
            if (names.length < 2) {
                throw misuse("--map is OLD=NEW: " + each);
            }
            draft.rename(text(names[0]), text(names[1]));
        }
        if (rollForward != null) {
            draft.rollForward(absolute(rollForward));
        }
        if (plan) {
            RestorePlan planned;
            try (ProgressLine progress = progress()) {
                planned = Restore.plan(
                        FileStorage.instance(),
                        draft.progress(rate.on(progress)).conclude());
            }
            output().print(report(planned));
            return ExitCodes.OK;
        }
        RestoreReport done;
        try (ProgressLine progress = progress()) {
            done = Restore.run(
                    FileStorage.instance(),
                    draft.to(absolute(instance)).progress(rate.on(progress)).conclude());
        }
        output().print(report(done));
        return ExitCodes.OK;
    }

    private void until(RestoreRequest.Draft draft) {
        if (stop.lsn != null) {
            draft.untilLsn(lsn(stop.lsn));
        } else if (stop.time != null) {
            draft.untilTime(time(stop.time));
        } else if (stop.generation != null) {
            draft.untilGeneration(stop.generation);
        } else {
            draft.untilName(text(stop.name));
        }
    }

    private long lsn(String text) {
        try {
            return Lsn.parse(text);
        } catch (IllegalArgumentException e) {
            throw misuse("not a position in a log, as in 3:0x1200: " + text);
        }
    }

    private Instant time(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw misuse("not a moment with its zone, as in 2025-03-01T12:30:00Z: " + text);
        }
    }

    static Report report(RestoreReport done) {
        Report report = new Report()
                .add("id", done.id())
                .lines("members", done.members())
                .lines("databases", done.databases())
                .lines("leftOut", done.leftOut())
                .bytes("bytes", done.bytes())
                .add("commits", done.commits())
                .add("records", done.records())
                .add("rolledForward", done.rolledForward())
                .position("end", done.end())
                .time("timeMs", done.timeMs())
                .took(done.bytes(), done.nanos())
                .table("mended", Instances.mended(done.mended()));
        return lost(report, done.lostFrom(), done.lost());
    }

    static Report report(RestorePlan plan) {
        Report report = new Report()
                .add("id", plan.id())
                .lines("members", plan.members())
                .lines("databases", plan.databases())
                .lines("leftOut", plan.leftOut())
                .add("files", plan.files())
                .bytes("bytes", plan.bytes())
                .bytes("neededBytes", plan.neededBytes())
                .position("consistentFrom", plan.consistentFrom())
                .time("consistentFromMs", plan.consistentFromMs())
                .position("logEnd", plan.logEnd())
                .time("logEndMs", plan.logEndMs())
                .add("rolledForward", plan.rolledForward())
                .position("end", plan.end())
                .time("timeMs", plan.timeMs())
                .table("points", plan.points().stream().map(RestoreCommand::row).toList());
        return lost(report, plan.lostFrom(), plan.lost());
    }

    private static Report row(NamedPoint point) {
        return new Report()
                .add("name", point.name())
                .position("lsn", point.position())
                .time("timeMs", point.timeMs());
    }

    private static Report lost(Report report, long from, String why) {
        return from == 0 ? report : report.position("lostFrom", from).add("lost", why);
    }
}
