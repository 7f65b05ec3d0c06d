package dev.quire.io;

import java.util.Locale;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * What the flight recorder keeps of an event, with the time that it took. Only this class knows the recorder, and it is
 * loaded only where there is one.
 */
@Name("dev.quire.Step")
@Label("Step of an operation")
@Category("Quire")
@Description("A step of a backup, a verification, a restore or a recovery")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // the recorder reads them
final class FlightStep extends Event {

    @Label("Number")
    private int number;

    @Label("Kind")
    private String kind;

    @Label("Operation")
    private String operation;

    @Label("Id")
    private String id;

    @Label("File")
    private String file;

    @Label("Bytes")
    @DataAmount
    private long bytes;

    @Label("First generation")
    private int generationLow;

    @Label("Last generation")
    private int generationHigh;

    @Label("Error")
    private int error;

    @Label("Text")
    private String text;

    static FlightStep begun() {
        FlightStep step = new FlightStep();
        step.begin();
        return step;
    }

    static void end(FlightStep step, OperationEvent event) {
        step.end();
        if (!step.shouldCommit()) {
            return;
        }
        OperationEvent.Subject subject = event.subject();
        step.number = event.kind().number();
        step.kind = event.kind().words();
        step.operation = event.operation().name().toLowerCase(Locale.ROOT);
        step.id = event.id();
        step.file = subject.file() == null ? null : subject.file().toString();
        step.bytes = subject.bytes();
        step.generationLow = subject.generationLow();
        step.generationHigh = subject.generationHigh();
        step.error = event.error() == null ? 0 : event.error().number();
        step.text = event.text();
        step.commit();
    }
}
