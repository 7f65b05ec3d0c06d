package dev.quire.io;

import dev.quire.io.OperationEvent.Operation;
import dev.quire.io.OperationEvent.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Where one operation tells what happens in it: to the flight recorder of the virtual machine, if it has one, to the
 * log of the system, as {@value #LOGGER}, and to whoever follows its progress. In this order, so that the first two
 * know also of what the third one does not take. Used by one thread at a time.
 */
public final class Events {

    /** The name of the logger. */
    public static final String LOGGER = "dev.quire";

    private static final System.Logger LOG = System.getLogger(LOGGER);

    /** An image of the JDK need not have it. */
    private static final boolean FLIGHT_RECORDER =
            ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    private final Operation operation;
    private final String id;
    private final Progress listener;
    private final Executor teller;
    private final Set<EventKind> unkept;
    private final List<OperationEvent> told = new ArrayList<>();

    /** Of an operation on what has that identity; empty if it has none. */
    public Events(Operation operation, String id, Progress listener) {
        this(operation, id, listener, Runnable::run, Set.of(EventKind.FILE_STARTED));
    }

    /**
     * The same, for one that holds what others wait for when something happens: only the flight recorder, which runs
     * nobody's code, knows of it then; {@code teller} tells the others, later and in this order. What is {@code unkept}
     * is not in {@link #told}, because there may be any number of it.
     */
    public Events(Operation operation, String id, Progress listener, Executor teller, Set<EventKind> unkept) {
        this.operation = operation;
        this.id = id;
        this.listener = listener;
        this.teller = teller;
        this.unkept = unkept;
    }

    /** Something that takes a while: ended once, in one of two ways. */
    public final class Span {

        private final long start = System.nanoTime();
        private final FlightStep flight = FLIGHT_RECORDER ? FlightStep.begun() : null;

        private Span() {}

        /** Tells that it has ended well. */
        public void done(EventKind kind, Subject subject, String text) {
            publish(event(kind, subject, null, text, System.nanoTime() - start), flight, null);
        }

        /** Tells that it has failed, and why. What a listener throws then is only told with that. */
        public void failed(EventKind kind, Subject subject, Throwable cause) {
            publish(event(kind, subject, error(cause), said(cause), System.nanoTime() - start), flight, cause);
        }
    }

    /** Something begins. */
    public Span begin() {
        return new Span();
    }

    /** The same, and tells so. */
    public Span begin(EventKind kind, Subject subject, String text) {
        Span span = new Span();
        tell(kind, subject, text);
        return span;
    }

    /** Tells what takes no time. */
    public void tell(EventKind kind, Subject subject, String text) {
        publish(event(kind, subject, null, text, 0), FLIGHT_RECORDER ? FlightStep.begun() : null, null);
    }

    /** Tells what ends something, before it does. What a listener throws then is only told with that. */
    public void fault(EventKind kind, Subject subject, Throwable cause) {
        new Span().failed(kind, subject, cause);
    }

    /** Everything told until now, but for what is not kept: the beginnings of files, if nothing else is said. */
    public List<OperationEvent> told() {
        return List.copyOf(told);
    }

    private OperationEvent event(EventKind kind, Subject subject, QuireError error, String text, long nanos) {
        return new OperationEvent(kind, operation, id, subject, error, text, nanos);
    }

    private void publish(OperationEvent event, FlightStep flight, Throwable cause) {
        if (!unkept.contains(event.kind())) {
            told.add(event);
        }
        if (flight != null) {
            FlightStep.end(flight, event);
        }
        teller.execute(() -> tell(event, cause));
    }

    private void tell(OperationEvent event, Throwable cause) {
        try {
            LOG.log(event.kind().level(), () -> operation.name() + ' ' + id + ' ' + event);
            listener.happened(event);
        } catch (RuntimeException | Error e) {
            if (cause == null) {
                throw e;
            }
            if (e != cause) {
                cause.addSuppressed(e);
            }
        }
    }

    private static QuireError error(Throwable cause) {
        return cause instanceof QuireException quire ? quire.error() : null;
    }

    private static String said(Throwable cause) {
        return cause instanceof QuireException ? cause.getMessage() : cause.toString();
    }
}
