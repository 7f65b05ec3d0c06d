package dev.quire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The shape of the source tree: sizes, markers, chapters, and what stands at the top of the repository. */
class TidyTest {

    private static final int FILE_LINES_MAX = 700;
    private static final int FILE_LINES_MOST = 400;
    private static final int METHOD_LINES_MAX = 60;
    private static final int COLUMNS_MAX = 120;

    private static final List<String> MODULES = List.of("io", "core", "backup", "benchmarks");
    private static final Set<String> TOP =
            Set.of("pom.xml", "README.md", "LICENSE", "io", "core", "backup", "benchmarks");

    /** Put together, so that this file does not find itself. */
    private static final Pattern MARKER = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|X" + "XX|HA" + "CK)\\b");

    private static final Pattern TYPE =
            Pattern.compile("(?s).*(\\b(class|interface|enum|record)\\s+\\w+.*|\\bnew\\s[^;=]*\\)\\s*)");
    /** Comments, text blocks, strings and characters, in the order in which they must be tried. */
    private static final Pattern PROSE = Pattern.compile("(?s)/\\*.*?\\*/|//[^\\n]*|\"\"\".*?(?<!\\\\)\"\"\""
            + "|\"(?:\\\\.|[^\"\\\\\\n])*+\"|'(?:\\\\.|[^'\\\\\\n])++'");

    private static final Path ROOT = root();

    @Test
    void topLevelMustShowNothingElse() throws IOException {
        Set<String> found = new TreeSet<>();
        try (Stream<Path> entries = Files.list(ROOT)) {
            entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> !name.startsWith(".") && !name.equals("target"))
                    .forEach(found::add);
        }
        assertEquals(new TreeSet<>(TOP), found);
    }

    @Test
    void everyPackageMustHaveItsChapter() {
        Set<Path> without = new TreeSet<>();
        Set<Path> with = new TreeSet<>();
        for (Path source : sources("main")) {
            // What is stressed and what stresses it are one package in two modules, with one chapter.
            Path folder = ROOT.relativize(source.getParent());
            Path name = folder.subpath(1, folder.getNameCount());
            (source.endsWith("package-info.java") ? with : without).add(name);
        }
        without.removeAll(with);
        assertEquals(Set.of(), without);
    }

    @Test
    void noLineMustBeTooLongOrCarryAMarker() {
        List<String> faults = new ArrayList<>();
        for (String tree : List.of("main", "test")) {
            for (Path source : sources(tree)) {
                List<String> lines = read(source).lines().toList();
                for (int i = 0; i < lines.size(); i++) {
                    String line = lines.get(i);
                    if (line.length() > COLUMNS_MAX || MARKER.matcher(line).find()) {
                        faults.add(ROOT.relativize(source) + ":" + (i + 1) + ": " + line.strip());
                    }
                }
            }
        }
        assertEquals(List.of(), faults);
    }

    @Test
    void filesMustStaySmall() {
        TreeMap<String, Long> tooLong = new TreeMap<>();
        List<Long> all = new ArrayList<>();
        for (Path source : sources("main")) {
            long lines = read(source).lines().count();
            all.add(lines);
            if (lines > FILE_LINES_MAX) {
                tooLong.put(ROOT.relativize(source).toString(), lines);
            }
        }
        assertEquals(new TreeMap<>(), tooLong);
        all.sort(null);
        long most = all.get((all.size() - 1) * 9 / 10);
        assertTrue(most < FILE_LINES_MOST, () -> "nine files of ten must have fewer lines: " + most);
    }

    @Test
    void methodsMustStayShort() {
        TreeMap<String, Integer> tooLong = new TreeMap<>();
        int seen = 0;
        for (Path source : sources("main")) {
            for (Method method : methods(read(source))) {
                seen++;
                if (method.lines() > METHOD_LINES_MAX) {
                    tooLong.put(ROOT.relativize(source) + ":" + method.line(), method.lines());
                }
            }
        }
        assertEquals(new TreeMap<>(), tooLong);
        assertTrue(seen > 0, "no method found at all");
    }

    @Test
    void methodsMustBeFoundAndMeasured() {
        String source = """
                /** { */
                @A({"}"}) record Row(int a) {
                    static { }
                    Row {
                        b("{", '{', "\\"{");
                    }
                    int[] x = {1};
                    void f(
                            int a) throws E {
                        if (a) { g(() -> { }); }

                    }
                    Runnable r = new Runnable() {
                        public void run() { }
                    };
                    abstract void none();
                    enum E { A { void in() { } } }
                }
                """;
        assertEquals(
                List.of(new Method(3, 1), new Method(4, 3), new Method(8, 5), new Method(14, 1), new Method(17, 1)),
                methods(source));
    }

    /** Where a method starts, and how many lines it takes from its first word to its closing brace. */
    private record Method(int line, int lines) {}

    private record Block(boolean isType, int methodLine) {}

    /** Everything in braces directly in a type that is neither a type nor an initial value. */
    private static List<Method> methods(String source) {
        String code = PROSE.matcher(source).replaceAll(match -> match.group().replaceAll("[^\\n]", " "));
        List<Method> found = new ArrayList<>();
        Deque<Block> open = new ArrayDeque<>();
        int headerStart = 0;
        int line = 1;
        int headerLine = 0;
        for (int i = 0; i < code.length(); i++) {
            char c = code.charAt(i);
            if (c == '\n') {
                line++;
            } else if (c == '{') {
                String header = code.substring(headerStart, i).strip();
                boolean type = TYPE.matcher(header).matches() || isConstant(header);
                boolean method = !type && !open.isEmpty() && open.peek().isType() && isMethod(header);
                open.push(new Block(type, method ? headerLine : 0));
            } else if (c == '}') {
                int first = open.pop().methodLine();
                if (first > 0) {
                    found.add(new Method(first, line - first + 1));
                }
            }
            if (c == '{' || c == '}' || c == ';') {
                headerStart = i + 1;
                headerLine = 0;
            } else if (headerLine == 0 && !Character.isWhitespace(c)) {
                headerLine = line;
            }
        }
        return found;
    }

    /** A constant of an enum with a body of its own. */
    private static boolean isConstant(String header) {
        return header.matches("(?s)(.*,\\s*)?[A-Z][A-Z0-9_]*(\\s*\\(.*\\))?");
    }

    private static boolean isMethod(String header) {
        long opened = header.chars().filter(c -> c == '(').count();
        long closed = header.chars().filter(c -> c == ')').count();
        return !header.matches("(?s).*[^=!<>]=[^=].*|.*=|.*->") && opened <= closed && !header.isEmpty();
    }

    private static List<Path> sources(String tree) {
        List<Path> sources = new ArrayList<>();
        for (String module : MODULES) {
            Path java = ROOT.resolve(module).resolve("src").resolve(tree).resolve("java");
            if (Files.isDirectory(java)) {
                try (Stream<Path> files = Files.walk(java)) {
                    files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        assertTrue(!sources.isEmpty(), () -> "no sources in " + ROOT);
        return sources;
    }

    private static String read(Path source) {
        try {
            return Files.readString(source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first directory upward that holds every module. */
    private static Path root() {
        Path place = Path.of("").toAbsolutePath();
        while (!MODULES.stream().map(place::resolve).allMatch(Files::isDirectory)) {
            place = place.getParent();
        }
        return place;
    }
}
