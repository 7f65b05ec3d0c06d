package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** BACKUP.md and the protocol of the socket cannot drift apart, as FORMAT.md and the files cannot. */
class ProtocolDocumentTest {

    private static final Pattern MESSAGE = Pattern.compile("\\| (\\d+) \\| `([A-Z_]+)` \\|.*");
    private static final Path MODULE = Files.isDirectory(Path.of("backup")) ? Path.of("backup") : Path.of("");

    @Test
    void everyNumberInTheTablesMustBeThatOfTheCode() throws IOException {
        assertEquals(List.of(), new FormatTables(document()).faults());
    }

    @Test
    void everyLayoutClassMustStandInTheDocument() throws IOException {
        Path root = MODULE.resolve("src/main/java");
        Set<String> layouts;
        try (Stream<Path> files = Files.walk(root)) {
            layouts = files.map(file -> root.relativize(file).toString())
                    .filter(name -> name.endsWith("Layout.java"))
                    .map(name -> name.replace(".java", "").replaceAll("[/\\\\]", "."))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
        assertFalse(layouts.isEmpty());
        assertEquals(layouts, new TreeSet<>(new FormatTables(document()).classes()));
    }

    @Test
    void everyMessageMustStandInTheDocumentWithItsNumber() throws ReflectiveOperationException, IOException {
        Set<String> told = new TreeSet<>();
        for (String line : document()) {
            Matcher row = MESSAGE.matcher(line);
            if (row.matches()) {
                told.add(row.group(2) + ' ' + row.group(1));
            }
        }
        Set<String> known = new TreeSet<>();
        for (Object each : Class.forName("dev.quire.backup.socket.Message").getEnumConstants()) {
            var number = each.getClass().getDeclaredMethod("number");
            number.setAccessible(true);
            known.add(each.toString() + ' ' + number.invoke(each));
        }
        assertEquals(known, told);
    }

    private static List<String> document() throws IOException {
        return Files.readAllLines(MODULE.resolve("BACKUP.md"));
    }
}
