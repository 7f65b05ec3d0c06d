package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A short run of all stress tests: long enough to notice a rule that is broken outright. What is rare takes the long
 * run that RESULTS.md names.
 */
class StressTest {

    /** Little heap: jcstress then keeps few samples at once, and a fork is up in no time. One way of compiling. */
    private static final List<String> SHORT =
            List.of("-f 1 -iters 1 -time 100 -sc false -hs 64 -jvmArgs -XX:TieredStopAtLevel=1".split(" "));

    private static final List<String> SUITES = List.of(
            "dev.quire.GateStress",
            "dev.quire.io.log.GroupForceStress",
            "dev.quire.pages.PublicationStress",
            "dev.quire.pages.RegistrationStress",
            "dev.quire.pages.ReuseStress");

    @Test
    void noStressTestMustSeeWhatIsForbidden() throws IOException, InterruptedException {
        Path directory = Files.createDirectories(Path.of("target", "stress"));
        Path output = directory.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.openjdk.jcstress.Main",
                "-t",
                "dev[.]quire[.]",
                "-r",
                "report");
        builder.command().addAll(SHORT);
        Process process = builder.directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean ended = process.waitFor(5, TimeUnit.MINUTES);
            assertTrue(ended, () -> "a stress test hangs:\n" + read(output));
            assertEquals(0, process.exitValue(), () -> read(output));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        String text = read(output);
        assertTrue(text.matches("(?s).*[1-9]\\d* passed, 0 failed, 0 soft errs, 0 hard errs\\)\\s.*"), text);
    }

    /** A processor that did not run leaves a jar without tests, and a run without failures. */
    @Test
    void everyStressTestMustBeOnTheList() throws IOException {
        try (InputStream list = StressTest.class.getResourceAsStream("/META-INF/TestList")) {
            String text = new String(list.readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(SUITES.stream().allMatch(text::contains), text);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
