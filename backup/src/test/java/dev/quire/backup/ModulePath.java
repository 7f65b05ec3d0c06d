package dev.quire.backup;

import com.fasterxml.jackson.core.JsonFactory;
import dev.quire.Instance;
import dev.quire.io.Storage;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.agrona.collections.IntArrayList;

/**
 * What a user's module path has on it. A directory of classes without a descriptor is no module, so jars are made of
 * ours, with the names that the build gives them; {@link Child} is patched into the module of its package.
 */
final class ModulePath {

    private final Path jars;

    /** Makes the jars in a directory. */
    ModulePath(Path jars) {
        this.jars = jars;
    }

    /** The options of a JVM that runs {@link Child} as part of a module. */
    List<String> options() throws IOException {
        List<Path> path = List.of(
                jar(Storage.class, "dev.quire.io"),
                jar(Instance.class, "dev.quire.core"),
                jar(Backup.class, "dev.quire.backup"),
                ChildProcess.location(IntArrayList.class),
                ChildProcess.location(JsonFactory.class));
        return List.of(
                "--module-path",
                path.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)),
                "--add-modules",
                "ALL-MODULE-PATH",
                "--patch-module",
                "dev.quire.backup=" + jar(Child.class, "child", Path.of("dev", "quire", "backup")),
                "-m",
                "dev.quire.backup/" + Child.class.getName());
    }

    private Path jar(Class<?> type, String name) throws IOException {
        Path classes = ChildProcess.location(type);
        return Files.isRegularFile(classes) ? classes : jar(type, name, Path.of(""));
    }

    /** Of what stands in one directory below the classes: tests of other packages belong to no module of that name. */
    private Path jar(Class<?> type, String name, Path below) throws IOException {
        Path classes = ChildProcess.location(type);
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Automatic-Module-Name", name);
        Path jar = jars.resolve(name + ".jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest);
                Stream<Path> walk = Files.walk(classes.resolve(below))) {
            for (Path each : walk.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(
                        new JarEntry(classes.relativize(each).toString().replace(File.separatorChar, '/')));
                Files.copy(each, out);
            }
        }
        return jar;
    }
}
