package dev.quire.backup;

import com.fasterxml.jackson.core.JsonFactory;
import dev.quire.Instance;
import dev.quire.io.Storage;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.agrona.collections.IntArrayList;

/** Starts {@link Child} in a JVM of the kind that runs the tests, without any flag but those that are asked for. */
final class ChildProcess {

    private ChildProcess() {}

    static ProcessBuilder of(List<String> flags, String... arguments) {
        return of(flags, List.of("-cp", classPath(), Child.class.getName()), arguments);
    }

    /** The same with what says where the classes are and which to run. */
    static ProcessBuilder of(List<String> flags, List<String> where, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(where);
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.endsWith("JAVA_OPTIONS") || name.endsWith("_OPTIONS"));
        return builder;
    }

    /** What a user of the library has on it, and the tests. */
    private static String classPath() {
        return Stream.of(
                        Child.class, Backup.class, Instance.class, Storage.class, IntArrayList.class, JsonFactory.class)
                .map(type -> location(type).toString())
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    static Path location(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    static String text(Process process) throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
