package dev.quire.backup;

import dev.quire.durable.BackupSession;
import dev.quire.io.CorruptionException;
import dev.quire.io.Events;
import java.util.ArrayList;
import java.util.List;

/** The databases of an external backup: two files of each, and the pages in them that did not verify. */
final class ExternalPages {

    private final List<OfferedFile> files = new ArrayList<>();
    private final List<Manifest.CopiedDatabase> described = new ArrayList<>();
    private final List<BadPages> bad = new ArrayList<>();

    ExternalPages(BackupSession session, String id) {
        for (BackupSession.Source source : session.sources()) {
            UsageMap use = new UsageMap(source.use());
            BadPages unsure =
                    new BadPages(source.attachment().id(), source.file().file().path(), use);
            bad.add(unsure);
            files.add(new OfferedDatabase(session, source, use, unsure, id));
            files.add(new OfferedBytes(id + '.' + source.attachment().name() + ".use", use.bytes(), use::put));
            described.add(new Manifest.CopiedDatabase(
                    source.attachment(), source.pages(), use.used(source.pages()), use.bytes(), use.crc()));
        }
    }

    List<OfferedFile> files() {
        return files;
    }

    List<Manifest.CopiedDatabase> described() {
        return described;
    }

    /**
     * Holds the pages that did not verify against the log, and tells which databases have some that are bad.
     *
     * @throws CorruptionException {@code READ_VERIFY_FAILURE} naming the first pages that are bad, and how many are
     */
    void judge(ImagedPages imaged, Events events) {
        BadPages.Faults faults = new BadPages.Faults(BadPages.TOLD_MAX);
        bad.forEach(each -> FileSteps.bad(events, each, imaged, faults));
        faults.check("bad pages");
    }
}
