package dev.quire.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo on a part of the JDK. */
class DemoTest {

    @TempDir
    private Path dir;

    @Test
    void everyEntryMustComeBackFromTheBackup() {
        Path home = dir.resolve("demo");
        Map<?, ?> json = Run.ok("demo", "--dir", home, "--keep", "--limit", "500", "--json")
                .json();
        assertEquals("every byte is there", json.get("result"));
        assertEquals(500L, json.get("entries"));
        assertEquals(List.of(), json.get("differences"));
        List<?> phases = ((List<?>) json.get("phases"))
                .stream().map(each -> ((Map<?, ?>) each).get("phase")).toList();
        assertEquals(List.of("load", "backup", "verify", "restore", "compare"), phases);
        Map<?, ?> commits = (Map<?, ?>) json.get("commits");
        assertTrue((Long) commits.get("restored") >= (Long) commits.get("required"), commits::toString);
        assertEquals(
                501,
                1
                        + Run.ok("scan", home.resolve("restored"), "jdk", "files", "--keys-only")
                                .lines()
                                .size());
        assertEquals(
                true, Run.ok("verify", home.resolve("backup"), "--json").json().get("sound"));
        assertEquals(
                false,
                Run.ok("recover", home.resolve("instance"), "--json").json().get("closedInOrder"));
    }

    @Test
    void nothingMustBeLeftBehindUnlessItIsKept() throws IOException {
        Path home = dir.resolve("demo");
        Run.ok("demo", "--dir", home, "--limit", "50");
        assertFalse(Files.exists(home));
        Files.createDirectory(home);
        assertTrue(Run.ok("demo", "--dir", home, "--limit", "50").text().contains("every byte is there"));
        try (Stream<Path> left = Files.list(home)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void aDirectoryInUseMustBeRefusedAndLeftAlone() throws IOException {
        Path mine = Files.writeString(dir.resolve("mine"), "mine");
        Run.failing(ExitCodes.ERROR, "demo", "--dir", dir, "--limit", "50");
        Run.failing(ExitCodes.ERROR, "demo", "--dir", mine, "--limit", "50");
        assertEquals("mine", Files.readString(mine));
        Run.failing(ExitCodes.ERROR, "demo", "--dir", dir.resolve("no/such"), "--limit", "50");
    }

    @Test
    void aCancelledDemoMustLeaveNothingBehind() {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        assertEquals(
                ExitCodes.CANCELLED,
                Run.of(cancellation, "demo", "--dir", dir.resolve("demo"), "--limit", "50")
                        .code());
        assertFalse(Files.exists(dir.resolve("demo")));
    }
}
