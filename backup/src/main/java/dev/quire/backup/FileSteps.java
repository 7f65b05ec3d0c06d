package dev.quire.backup;

import dev.quire.io.CancelledException;
import dev.quire.io.EventKind;
import dev.quire.io.Events;
import dev.quire.io.OperationEvent.Subject;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** What is told of a file while it is copied or verified: that it begins, and how it ends. */
final class FileSteps {

    private final Events events;
    private final Path file;

    FileSteps(Events events, Path file) {
        this.events = events;
        this.file = file;
    }

    /** Does the work; it returns what was done. */
    void run(Supplier<Subject> work) {
        Events.Span span = events.begin();
        try {
            events.tell(EventKind.FILE_STARTED, Subject.file(file, 0), "");
            span.done(EventKind.FILE_DONE, work.get(), "");
        } catch (RuntimeException | Error e) {
            if (isOfReading(e)) {
                events.fault(EventKind.READ_FAILED, Subject.file(file, 0), e);
            }
            span.failed(EventKind.FILE_UNFINISHED, Subject.file(file, 0), e);
            throw e;
        }
    }

    /** What cannot be written is told of the place where it was to go. */
    private boolean isOfReading(Throwable e) {
        return e instanceof QuireException fault
                && !(fault instanceof CancelledException)
                && (fault.error() == QuireError.LOG_READ_VERIFY_FAILURE
                        || fault.file().equals(Optional.of(file)));
    }

    /** A file had pages that verified only the second time. */
    static void readTwice(Events events, Path file, long pages) {
        if (pages > 0) {
            events.tell(EventKind.READ_TWICE, Subject.file(file, 0), "pages: " + pages);
        }
    }

    /** Judges the pages of a database that did not verify, and tells if there are some that no log rebuilds. */
    static void bad(Events events, BadPages found, ImagedPages imaged, BadPages.Faults faults) {
        long before = faults.count();
        found.judge(imaged, faults);
        if (faults.count() > before) {
            String text = "bad pages: " + (faults.count() - before);
            events.tell(EventKind.DATABASE_FAILED, Subject.file(found.origin(), 0), text);
        }
    }
}
