package dev.quire.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.quire.io.CancelledException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Where a command's results and errors go, as text or as one JSON object. One thread. */
final class Output {

    private static final int BUFFER_BYTES = 64 << 10;

    /** Standard output, whose faults say what they are of. */
    private static final class Target extends OutputStream {

        private final OutputStream to;
        private boolean broken;

        Target(OutputStream to) {
            this.to = to;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            try {
                to.write(bytes, offset, count);
            } catch (IOException e) {
                broken = true;
                throw new IOException("standard output: " + message(e), e);
            }
        }

        @Override
        public void flush() throws IOException {
            to.flush();
        }
    }

    private final Target target;
    private final OutputStream out;
    private final PrintStream err;
    private final boolean terminal;
    private final JsonReport report;
    private boolean json;
    private boolean stacktrace;
    private boolean toldBroken;

    /** {@code terminal}: somebody watches {@code err}. */
    Output(OutputStream out, PrintStream err, boolean terminal) {
        this.target = new Target(out);
        this.out = new BufferedOutputStream(target, BUFFER_BYTES);
        this.err = err;
        this.terminal = terminal;
        this.report = new JsonReport(this.out);
    }

    void json(boolean on) {
        json = on;
    }

    void stacktrace(boolean on) {
        stacktrace = on;
    }

    boolean isJson() {
        return json;
    }

    /** Progress for a long operation: a bar, lines, or with JSON nothing. */
    ProgressLine progress(Cancellation cancellation) {
        return new ProgressLine(err, terminal, json, cancellation);
    }

    /** Standard output itself, for bytes that are the result. */
    OutputStream bytes() {
        return out;
    }

    /** The JSON object, to write a long result into. */
    JsonGenerator generator() throws IOException {
        return report.generator();
    }

    /** Prints a result. */
    void print(Report result) throws IOException {
        if (json) {
            report.unwind();
            report.add(result);
        } else {
            text(TextReport.of(result));
        }
    }

    /** Adds fields to the JSON object that is open in the {@link #generator}. */
    void fields(Report fields) throws IOException {
        report.add(fields);
    }

    /** Prints text as it is; there is none with JSON. */
    void text(String text) throws IOException {
        if (!json) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Prints a first result at once, for somebody who waits for it: with JSON an object of its own, in its line. */
    void printFirst(String text, Report result) throws IOException {
        if (json) {
            report.add(result);
            report.finish();
        } else {
            text(text);
        }
        out.flush();
    }

    /** A line on standard error that is no error. */
    void note(String line) {
        if (!json) {
            err.println(Escapes.line(line));
        }
    }

    /** Says what went wrong; returns the exit code for it. */
    int fail(Throwable thrown) {
        int code = ExitCodes.of(thrown);
        complain(message(thrown));
        toldBroken |= target.broken;
        if (stacktrace) {
            thrown.printStackTrace(err);
        }
        if (json) {
            jsonError(thrown);
        }
        return code;
    }

    /** Says that the command line is wrong. */
    int misused(String message) {
        complain(message);
        if (json) {
            try {
                report.unwind();
                report.add(new Report().add("error", "USAGE").add("number", 0).add("message", message));
            } catch (IOException e) {
                broken(e);
            }
        }
        return ExitCodes.USAGE;
    }

    /** One line of error. */
    void complain(String message) {
        err.println("quire: " + Escapes.line(message));
    }

    /** Ends the JSON object and writes everything out; returns the exit code that remains. */
    int finish(int code) {
        try {
            if (json) {
                report.finish();
            }
            out.flush();
            return code;
        } catch (IOException e) {
            broken(e);
            return code == ExitCodes.OK ? ExitCodes.of(e) : code;
        }
    }

    private void jsonError(Throwable thrown) {
        Report fields = new Report();
        if (thrown instanceof QuireException quire) {
            fields.add("error", quire.error().name())
                    .add("number", quire.error().number());
        } else {
            fields.add("error", thrown.getClass().getSimpleName()).add("number", 0);
        }
        fields.add("message", message(thrown));
        if (thrown instanceof QuireException quire) {
            quire.file().ifPresent(file -> fields.add("file", file.toString()));
        }
        try {
            report.unwind();
            report.add(fields);
        } catch (IOException e) {
            broken(e);
        }
    }

    /** Everything that is written to it afterwards fails as well; it is told once. */
    private void broken(IOException fault) {
        if (!toldBroken) {
            toldBroken = true;
            complain(message(fault));
        }
    }

    /** What to tell of an exception that may not have been made to be told. */
    private static String message(Throwable thrown) {
        String said = thrown.getMessage();
        if (thrown instanceof CancelledException cancelled && cancelled.error() == QuireError.BACKUP_ABORT_BY_CALLER) {
            return "cancelled";
        }
        if (thrown instanceof QuireException && said != null) {
            return said;
        }
        if (thrown instanceof NoSuchFileException) {
            return "there is no such file: " + said;
        }
        if (thrown instanceof AccessDeniedException) {
            return "access denied: " + said;
        }
        if (thrown instanceof OutOfMemoryError) {
            return "the Java heap is too small for this; give java a larger -Xmx";
        }
        boolean plain = thrown instanceof IOException || thrown instanceof IllegalArgumentException;
        return plain && said != null ? said : thrown.toString();
    }
}
