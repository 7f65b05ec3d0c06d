package dev.quire.backup;

import dev.quire.durable.BackupKind;
import dev.quire.durable.EngineThreads;
import dev.quire.durable.Names;
import dev.quire.io.CorruptionException;
import dev.quire.io.EventKind;
import dev.quire.io.Events;
import dev.quire.io.InUseException;
import dev.quire.io.OperationEvent.Operation;
import dev.quire.io.OperationEvent.Subject;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A backup that somebody offers, stored in a directory with all that {@link Backup} promises: the mark comes first, the
 * manifest last and under its name only when everything else is verified where it arrived, and forced; on any failure
 * before that nothing of it remains.
 */
public final class PulledBackup {

    private final BackupOffer offer;
    private final Storage storage;
    private final BackupRequest request;
    private final BackupKind kind;
    private final EngineThreads threads;
    private final Progress progress;
    private final Subject place;
    private final List<String> notes = new ArrayList<>();

    private PulledBackup(BackupOffer offer, Storage storage, BackupRequest request, EngineThreads threads) {
        this.offer = offer;
        this.storage = storage;
        this.request = request;
        this.kind = request.kind();
        this.threads = threads;
        this.progress = request.progress();
        this.place = Subject.file(request.destination(), 0);
    }

    /**
     * Takes what is requested, and stores it.
     *
     * @param offers opens the offer, on a thread that nobody interrupts; it is closed here
     * @throws QuireException as {@link Backup#run(dev.quire.Instance, BackupRequest)} does; {@code INVALID_GRBIT} for
     *     truncation alone; {@code BACKUP_IN_PROGRESS} also if another backup is stored there meanwhile; {@code
     *     INVALID_BACKUP} also if what is offered contradicts itself; {@code READ_VERIFY_FAILURE} or {@code
     *     LOG_READ_VERIFY_FAILURE} also if what arrived does not verify
     */
    public static BackupReport run(Supplier<BackupOffer> offers, Storage storage, BackupRequest request) {
        return run(offers, storage, request, true);
    }

    /** The same; without {@code background} everything happens on the caller's thread. For tests. */
    static BackupReport run(Supplier<BackupOffer> offers, Storage storage, BackupRequest request, boolean background) {
        if (request.kind() == BackupKind.TRUNCATE_ONLY) {
            throw new QuireException(
                    QuireError.INVALID_GRBIT,
                    "nothing can be pulled of kind=" + request.kind().word());
        }
        return request.alone(() -> {
            try (EngineThreads threads = new EngineThreads(background, "pull")) {
                return OutOfMemory.named(
                        request.destination(),
                        () -> threads.call(() -> {
                            try (BackupOffer offer = offers.get()) {
                                return new PulledBackup(offer, storage, request, threads).run();
                            }
                        }));
            }
        });
    }

    private BackupReport run() {
        List<Manifest> stored;
        BackupOffer.Begun begun;
        try {
            stored = look();
            begun = offer.begin(kind, request.label(), request.destination(), stored);
        } catch (RuntimeException | Error e) {
            new Events(Operation.BACKUP, "", progress).fault(Truncation.end(e), place, e);
            throw e;
        }
        return new Taking(begun, stored).run(System.nanoTime());
    }

    /**
     * What is stored there by now, the full or copy first. Nothing is made and nobody kept out yet, for only what has
     * begun has an identity: so it is looked at once more behind that.
     */
    private List<Manifest> look() {
        Destination looked = new Destination(storage, request, "");
        looked.check(offer.home());
        BackupSet stored = looked.published();
        if (stored == null) { // of what cannot be followed, it may still be known whose it is
            return looked.replaced().map(List::of).orElse(List.of());
        }
        looked.force(stored); // whoever published it may have ended before
        if (kind.buildsOnAnother()) {
            try { // or log would go for which there is no use behind what is there
                new SetCheck(storage, stored.directory(), stored.chain(), name -> true, progress).run();
            } catch (CorruptionException e) {
                throw new QuireException(
                        QuireError.INVALID_BACKUP, stored.directory(), "is damaged, so nothing is added to it", e);
            }
        }
        return all(stored);
    }

    private static List<Manifest> all(BackupSet set) {
        List<Manifest> all = new ArrayList<>(set.chain());
        all.addAll(set.differentials());
        return all;
    }

    /** One that has begun. */
    private final class Taking {

        private final BackupOffer.Begun begun;
        private final List<Manifest> stored;
        private final Events events;
        private final Destination destination;

        Taking(BackupOffer.Begun begun, List<Manifest> stored) {
            this.begun = begun;
            this.stored = stored;
            this.events = new Events(Operation.BACKUP, begun.id(), progress);
            this.destination = new Destination(storage, request, begun.id());
        }

        BackupReport run(long start) {
            Events.Span whole = events.begin();
            try {
                EventKind started = kind.hasPages() ? EventKind.FULL_STARTED : EventKind.INCREMENTAL_STARTED;
                events.tell(started, place, kind.word() + " backup of " + offer.home());
                Manifest manifest = take();
                int released = end();
                BackupReport done = BackupReport.of(manifest, released, System.nanoTime() - start);
                String what = kind.word() + " backup " + begun.id();
                whole.done(
                        EventKind.BACKUP_DONE,
                        done.subject(request.destination()),
                        notes.isEmpty() ? what : what + "; " + String.join("; ", notes));
                return done.with(events.told());
            } catch (RuntimeException | Error e) {
                whole.failed(Truncation.end(e), place, e);
                throw e;
            }
        }

        /** When this returns it is published. */
        private Manifest take() {
            try {
                checkMadeUp();
                destination.check(offer.home());
                destination.prepare();
                BackupSet set = kind.buildsOnAnother() ? followed() : null;
                checkReplaced();
                Room.check(storage, destination.directory(), begun.roomBytes());
                destination.begin(set);
                Manifest manifest = pull(set);
                progress.step(Progress.Phase.PUBLISH, 0, 1);
                destination.write(manifest);
                destination.publish();
                progress.advance(Progress.Phase.PUBLISH, 1, 1);
                return manifest;
            } catch (RuntimeException | Error e) {
                destination.clear(e);
                throw e;
            }
        }

        private Manifest pull(BackupSet set) {
            try (PulledFiles files =
                    new PulledFiles(offer, storage, threads, destination.directory(), begun.id(), progress, events)) {
                if (kind.hasPages()) {
                    files.pages();
                }
                files.log();
                files.complete();
                if (kind.isTruncating()) {
                    offer.truncate();
                }
                ExternalFile file = offer.manifest();
                Manifest manifest = judged(files.manifest(file), file.name(), set);
                files.judge(manifest, set);
                return manifest;
            }
        }

        /** Whatever it says is not what was asked for is refused; its text as well, by which the log knows it. */
        private Manifest judged(byte[] text, String name, BackupSet set) {
            Path file = destination.directory().resolve(Manifest.FILE);
            Manifest manifest = Manifest.of(file, text);
            Manifest.BuiltOn on = set == null
                    ? null
                    : new Manifest.BuiltOn(set.full().id(), set.last().id());
            boolean asked = manifest.id().equals(begun.id())
                    && manifest.kind() == kind
                    && manifest.label().equals(request.label())
                    && manifest.fileName().equals(name)
                    && Objects.equals(manifest.builtOn(), on)
                    && (set == null || manifest.logSignature() == set.full().logSignature());
            if (!asked || !Arrays.equals(manifest.toJson().getBytes(StandardCharsets.UTF_8), text)) {
                throw new QuireException(
                        QuireError.INVALID_BACKUP,
                        file,
                        "the manifest that was offered, " + name + ", is not that of what was asked for",
                        null);
            }
            return manifest;
        }

        /** From here on there is a backup, whatever becomes of this. */
        private int end() {
            try {
                int released = released();
                destination.complete().forEach(left -> notes.add("left behind: " + left));
                return released;
            } catch (RuntimeException | Error e) {
                destination.keep(e);
                throw e;
            }
        }

        private int released() {
            Events.Span truncation = events.begin();
            try {
                int released = offer.end();
                Path log = offer.home().resolve(Names.LOG);
                Truncation.tell(truncation, log, 0, released, "generations: " + released);
                return released;
            } catch (RuntimeException | Error e) {
                events.fault(EventKind.HEADERS_NOT_STAMPED, place, e);
                throw e;
            }
        }

        /** What is there was published, and the instance did not know: it does now, and a plain full is refused. */
        private void checkMadeUp() {
            if (begun.madeUp() > 0) {
                String last = stored.get(stored.size() - 1).id();
                if (!request.atomic() && !kind.buildsOnAnother()) {
                    throw notEmpty("holds the published backup " + last + ", of which the headers did not know and now"
                            + " do");
                }
                notes.add("headers did not know of " + begun.madeUp() + " backups up to " + last + ", and now do");
            }
        }

        /** The same set as before, now that nobody else can add to it. */
        private BackupSet followed() {
            BackupSet set = destination.published();
            if (!all(set).equals(stored)) {
                throw new InUseException(
                        QuireError.BACKUP_IN_PROGRESS,
                        set.directory(),
                        "another backup was added while this one began",
                        null);
            }
            return set;
        }

        /** As {@link Backup}: nothing takes the place of a full if it is a copy, or of other people's only backup. */
        private void checkReplaced() {
            Manifest replaced = destination.replaced().orElse(null);
            if (replaced == null || !kind.hasPages()) {
                return;
            }
            if (kind == BackupKind.COPY && replaced.kind() == BackupKind.FULL) {
                throw notEmpty("holds the full backup " + replaced.id() + ", whose place a copy does not take");
            }
            if (stored.isEmpty() || !stored.get(0).equals(replaced) || !begun.ofSame()) {
                throw notEmpty("holds the backup " + replaced.id() + " of another instance");
            }
        }

        private QuireException notEmpty(String why) {
            return new QuireException(QuireError.BACKUP_DIRECTORY_NOT_EMPTY, destination.directory(), why, null);
        }
    }
}
