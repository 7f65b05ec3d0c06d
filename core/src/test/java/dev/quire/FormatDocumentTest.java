package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** FORMAT.md and the code cannot drift apart: every offset, size and constant in its tables is that of a class. */
class FormatDocumentTest {

    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)`");
    private static final Pattern CELL = Pattern.compile("\\| (0x[0-9A-Fa-f]+|\\d+) \\|");

    @Test
    void everyNumberInTheTablesMustBeThatOfTheCode() throws IOException {
        assertEquals(List.of(), new FormatTables(document()).faults());
    }

    @Test
    void everyLayoutClassMustStandInTheDocument() throws IOException {
        Set<String> missing = layouts();
        assertFalse(missing.isEmpty(), "no layout classes found");
        missing.removeAll(new FormatTables(document()).classes());
        assertEquals(Set.of(), missing);
    }

    /** The proof that the first test can fail: whichever number is changed, it does. */
    @Test
    void aChangedNumberMustBeNoticed() throws IOException {
        List<String> lines = document();
        List<String> unnoticed = new ArrayList<>();
        int changed = 0;
        for (int i : new FormatTables(lines).rows()) {
            Matcher cell = CELL.matcher(lines.get(i));
            // The last cell of a row is prose, even where it is a number.
            for (int from = 0; cell.find(from) && cell.end() < lines.get(i).length(); from = cell.end() - 1) {
                List<String> mutant = new ArrayList<>(lines);
                mutant.set(
                        i,
                        lines.get(i).substring(0, cell.start(1))
                                + (Long.decode(cell.group(1)) + 1)
                                + lines.get(i).substring(cell.end(1)));
                changed++;
                if (new FormatTables(mutant).faults().isEmpty()) {
                    unnoticed.add(mutant.get(i));
                }
            }
        }
        assertEquals(List.of(), unnoticed);
        assertTrue(changed > 300, "changed=" + changed);
    }

    @Test
    void aChangedTotalMustBeNoticed() throws IOException {
        List<String> lines = document();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith("Layout ") && lines.get(i).contains(" bytes, ")) {
                List<String> mutant = new ArrayList<>(lines);
                mutant.set(i, NUMBER.matcher(lines.get(i)).replaceFirst("7"));
                assertFalse(new FormatTables(mutant).faults().isEmpty(), mutant.get(i));
            }
        }
    }

    /** The tables of invariants and rules name tests; a test that is gone shows nothing. */
    @Test
    void everyTestThatADocumentNamesMustExist() throws IOException {
        Set<String> named = new TreeSet<>();
        for (Path document : List.of(
                module("core").resolve("FORMAT.md"),
                module("core").resolve("DURABILITY.md"),
                module("backup").resolve("BACKUP.md"))) {
            TEST.matcher(Files.readString(document)).results().forEach(found -> named.add(found.group(1) + ".java"));
        }
        assertTrue(named.size() > 10, "named=" + named);
        for (String module : List.of("io", "core", "backup")) {
            try (Stream<Path> files = Files.walk(module(module).resolve(Path.of("src", "test", "java")))) {
                files.forEach(file -> named.remove(file.getFileName().toString()));
            }
        }
        assertEquals(Set.of(), named);
    }

    private static List<String> document() throws IOException {
        return Files.readAllLines(module("core").resolve("FORMAT.md"));
    }

    /** Where a module is, whether the tests run in it or above. */
    private static Path module(String name) {
        return Stream.of("", "..")
                .map(above -> Path.of(above, name))
                .filter(path -> Files.isDirectory(path.resolve("src")))
                .findFirst()
                .orElseThrow();
    }

    /** The names of all classes that are called a layout. */
    private static Set<String> layouts() throws IOException {
        Set<String> names = new TreeSet<>();
        for (String module : List.of("io", "core")) {
            Path root = module(module).resolve(Path.of("src", "main", "java"));
            try (Stream<Path> files = Files.walk(root)) {
                names.addAll(files.map(root::relativize)
                        .map(Path::toString)
                        .filter(name -> name.endsWith("Layout.java"))
                        .map(name -> name.substring(0, name.length() - ".java".length())
                                .replaceAll("[/\\\\]", "."))
                        .collect(Collectors.toSet()));
            }
        }
        return names;
    }
}
