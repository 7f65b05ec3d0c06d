package dev.quire.backup;

import dev.quire.io.CancelledException;
import dev.quire.io.EventKind;
import dev.quire.io.Events;
import dev.quire.io.OperationEvent.Subject;
import dev.quire.io.QuireException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * The readers of an external backup that are open, and what is told of each: that its file begins, and how far it came.
 * One that nobody can use any more is open no longer. Used under the gate of the series.
 */
final class OpenReaders {

    /** As many as the caller opens readers: that is without bound, so the report has none of them. */
    static final Set<EventKind> TOLD = Set.of(EventKind.FILE_STARTED, EventKind.FILE_DONE, EventKind.FILE_UNFINISHED);

    private final Events events;
    private final List<Delivery> open = new ArrayList<>();

    OpenReaders(Events events) {
        this.events = events;
    }

    /** How far the caller of one reader is. It must not know that reader, which could not go then. */
    static final class Delivery {

        private final OfferedFile file;
        private final long from;
        private final long end;
        private final boolean part;
        private final Events.Span span;
        private final AtomicLong position;
        private final AtomicLong free = new AtomicLong();
        private WeakReference<ExternalReader> reader;

        private Delivery(OfferedFile file, long[] range, boolean part, Events.Span span) {
            this.file = file;
            this.from = range[0];
            this.end = range[1];
            this.part = part;
            this.span = span;
            this.position = new AtomicLong(from);
        }

        OfferedFile file() {
            return file;
        }

        long end() {
            return end;
        }

        long position() {
            return position.get();
        }

        /** He has so many bytes more. */
        void advance(long count) {
            file.delivered(position(), position() + count);
            position.addAndGet(count);
        }

        /** He has so many bytes more, and needed none of them: zeros. */
        void skip(long count) {
            free.addAndGet(count);
            advance(count);
        }

        private boolean isDone() {
            return position() == end;
        }

        private Subject subject() {
            return file.subject(position() - from - free.get());
        }

        private String text(long to) {
            return part ? "its part from " + from + " to " + to : "";
        }
    }

    /** How many there are. */
    int count() {
        List<Delivery> dropped =
                open.stream().filter(each -> each.reader.get() == null).toList();
        dropped.forEach(each -> close(each, false, "nobody can use its reader any more"));
        return open.size();
    }

    /** Opens another one, of {@code [range[0], range[1])}; {@code part} if the caller asked for less than a file. */
    ExternalReader open(OfferedFile file, long[] range, boolean part, Function<Delivery, ExternalReader> made) {
        Delivery delivery = new Delivery(file, range, part, events.begin());
        ExternalReader reader = made.apply(delivery);
        delivery.reader = new WeakReference<>(reader);
        open.add(delivery);
        if (file.subject(0) != null) {
            events.tell(EventKind.FILE_STARTED, file.subject(0), delivery.text(delivery.end));
        }
        return reader;
    }

    /**
     * One was closed; of one that was open when the backup ended that has been told. Who reads a file in parts may
     * close each where he likes: that is no warning.
     */
    void close(Delivery delivery) {
        close(delivery, delivery.part, "its reader was closed at " + delivery.position());
    }

    private void close(Delivery delivery, boolean wanted, String why) {
        if (open.remove(delivery) && delivery.subject() != null) {
            if (wanted || delivery.isDone()) {
                delivery.span.done(EventKind.FILE_DONE, delivery.subject(), delivery.text(delivery.position()));
            } else {
                delivery.span.done(EventKind.FILE_UNFINISHED, delivery.subject(), why);
            }
        }
    }

    /** The backup has ended; {@code cause} may be a fault of what one of them reads. */
    void end(Throwable cause) {
        List<Delivery> told =
                open.stream().filter(each -> each.subject() != null).toList();
        open.clear();
        told.stream()
                .map(each -> each.subject().file())
                .filter(file -> isOfReading(cause, file))
                .findFirst()
                .ifPresent(file -> events.fault(EventKind.READ_FAILED, Subject.file(file, 0), cause));
        for (Delivery each : told) {
            if (each.isDone()) {
                each.span.done(EventKind.FILE_DONE, each.subject(), each.text(each.end));
            } else {
                each.span.failed(EventKind.FILE_UNFINISHED, each.subject(), cause);
            }
        }
    }

    private static boolean isOfReading(Throwable cause, Path file) {
        return cause instanceof QuireException fault
                && !(fault instanceof CancelledException)
                && fault.file().equals(Optional.of(file));
    }
}
