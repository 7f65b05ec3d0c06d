package dev.quire.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quire.io.Progress.Phase;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What somebody sees of a long operation where there is no terminal, by a clock that the test moves. */
class ProgressLineTest {

    private static final long SECOND = 1_000_000_000;
    private static final long MIB = 1 << 20;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final AtomicLong now = new AtomicLong(-3 * SECOND);

    private ProgressLine line(boolean silent) {
        PrintStream err = new PrintStream(said, true, StandardCharsets.UTF_8);
        return new ProgressLine(err, false, silent, new Cancellation(), now::get);
    }

    private List<String> lines() {
        return said.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void aLineMustTellHowFarThePhaseIsAndItsRate() {
        try (ProgressLine line = line(false)) {
            line.advance(Phase.PAGES, 0, 400 * MIB);
            now.addAndGet(9 * SECOND);
            line.advance(Phase.PAGES, 90 * MIB, 400 * MIB);
            assertEquals(List.of(), lines());
            now.addAndGet(11 * SECOND);
            line.advance(Phase.PAGES, 100 * MIB, 400 * MIB);
            line.advance(Phase.PAGES, 101 * MIB, 400 * MIB);
            now.addAndGet(11 * SECOND);
            line.advance(Phase.VERIFY, 7 * MIB, 0); // begun before, and told of now
            now.addAndGet(20 * SECOND);
            line.advance(Phase.VERIFY, 47 * MIB, 0);
            now.addAndGet(11 * SECOND);
            line.advance(Phase.PUBLISH, 0, 1);
        }
        assertEquals(
                List.of(
                        "pages: 25 %, 100.0 MiB of 400.0 MiB, 5.0 MiB/s",
                        "verify: 7.0 MiB", "verify: 47.0 MiB, 2.0 MiB/s", "publish"),
                lines());
    }

    @Test
    void withASilentOneNothingMustBeSaid() {
        try (ProgressLine line = line(true)) {
            line.advance(Phase.PAGES, 0, 400 * MIB);
            now.addAndGet(30 * SECOND);
            line.advance(Phase.PAGES, 90 * MIB, 400 * MIB);
        }
        assertEquals(List.of(), lines());
    }
}
