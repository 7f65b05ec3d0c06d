package dev.quire.cli;

import dev.quire.io.FileStorage;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Runs the demo in a directory of its own, and takes everything away afterwards. */
@CommandLine.Command(
        name = "demo",
        description = {
            "Loads every file of the running JDK, takes a backup while a writer commits, verifies it, loses the"
                    + " instance without closing it, restores the backup elsewhere, and compares every byte.",
            "Needs about a gigabyte of disk."
        })
final class DemoCommand extends Command {

    @Option(
            names = "--dir",
            paramLabel = "D",
            description = "Works here: a directory that is new or empty. Default: a new one for temporary files.")
    private Path directory;

    @Option(names = "--keep", description = "Leaves instance, backup and restored instance behind.")
    private boolean keep;

    @Option(names = "--limit", paramLabel = "N", hidden = true, description = "Loads at most so many files.")
    private long limit = Long.MAX_VALUE;

    @Override
    int run() throws IOException, InterruptedException {
        boolean made = directory == null || FileStorage.instance().kind(absolute(directory)) == Storage.Kind.NONE;
        Path home = prepare();
        try (ProgressLine progress = progress()) {
            Demo demo = new Demo(limit, progress);
            demo.untilLoss(home.resolve("instance"), home.resolve("backup"));
            if (!keep) {
                delete(home.resolve("instance"));
            }
            demo.fromBackup(home.resolve("backup"), home.resolve("restored"));
            Report report = demo.report();
            output().print(keep ? report.add("directory", home.toString()) : report);
            if (!demo.isEqual()) {
                output().complain("the restored instance differs from what was loaded");
            }
            return demo.isEqual() ? ExitCodes.OK : ExitCodes.CORRUPT;
        } finally {
            if (!keep) {
                delete(home.resolve("instance"));
                delete(home.resolve("backup"));
                delete(home.resolve("restored"));
                if (made) {
                    delete(home);
                }
            }
        }
    }

    private Path prepare() throws IOException {
        if (directory == null) {
            return Files.createTempDirectory("quire-demo-");
        }
        Path home = absolute(directory);
        Storage storage = FileStorage.instance();
        Storage.Kind kind = storage.kind(home);
        if (kind == Storage.Kind.NONE) {
            if (storage.kind(home.getParent()) != Storage.Kind.DIRECTORY) {
                throw new QuireException(QuireError.INVALID_PATH, home, "the directory above it does not exist", null);
            }
            storage.createDirectory(home);
        } else if (kind != Storage.Kind.DIRECTORY) {
            throw new QuireException(QuireError.INVALID_PATH, home, "is not a directory", null);
        } else if (!storage.list(home).isEmpty()) {
            throw new QuireException(QuireError.INVALID_PATH, home, "is not empty", null);
        }
        return home;
    }

    /** What we made, and so may delete. */
    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path each, IOException fault) throws IOException {
                Files.delete(each);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
