package dev.quire.cli;

import dev.quire.Database;
import dev.quire.Instance;
import dev.quire.io.FileStorage;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.table.Tree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Loads a directory tree, or a file of lines. */
@CommandLine.Command(
        name = "load",
        description = {
            "Loads a directory tree (relative path with / -> bytes of the file) or a file of key<TAB>value lines.",
            "Instance, database and table are made when they are missing. Links are not followed; what is neither file"
                    + " nor directory is skipped.",
            "In a tree, keys and values that are too long are found before anything is loaded. In a file of lines"
                    + " loading ends at the first line that is wrong; the entries reported stay loaded.",
            "A line ends at the line feed; key and value are taken byte by byte as they are."
        })
final class LoadCommand extends Command {

    private static final int PAGE_BYTES = 8192;
    private static final int PAGE_BYTES_MIN = 4096;
    private static final int PAGE_BYTES_MAX = 65536;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The directory of the instance.")
    private Path instance;

    @Parameters(index = "1", paramLabel = "DATABASE", description = "The name of the database.")
    private String database;

    @Parameters(index = "2", paramLabel = "TABLE", description = "The name of the table.")
    private String table;

    @Parameters(index = "3", paramLabel = "PATH", description = "A directory, or a file of lines.")
    private Path path;

    @Option(
            names = "--page-size",
            paramLabel = "BYTES",
            description = "Page size of a database that is made: 4096 to 65536, a power of two; default 8192.")
    private int pageBytes = PAGE_BYTES;

    @Mixin
    private MemoryOption memory;

    private Loader loader;
    private long skipped;

    @Override
    int run() throws IOException {
        if (pageBytes < PAGE_BYTES_MIN || pageBytes > PAGE_BYTES_MAX || Integer.bitCount(pageBytes) != 1) {
            throw misuse("--page-size must be 4096, 8192, 16384, 32768 or 65536: " + pageBytes);
        }
        text(table);
        Path source = path.toAbsolutePath();
        Storage.Kind kind = FileStorage.instance().kind(source);
        if (kind == Storage.Kind.NONE) {
            throw new NotFoundException(QuireError.FILE_NOT_FOUND, source, "there is nothing to load", null);
        }
        if (kind == Storage.Kind.OTHER) {
            String what = "is neither a file nor a directory; name what a link points to";
            throw new QuireException(QuireError.FILE_INVALID_TYPE, source, what, null);
        }
        try (Instance opened = open(Instances.newOrExisting(instance)
                        .memoryBytes(memory.bytes())
                        .pageBytes(pageBytes));
                ProgressLine progress = progress()) {
            load(opened, kind == Storage.Kind.DIRECTORY, source, progress);
        }
        return ExitCodes.OK;
    }

    /** What was loaded is told also when something ends it. */
    private void load(Instance opened, boolean tree, Path source, ProgressLine progress) throws IOException {
        long start = System.nanoTime();
        try {
            if (tree) {
                loadTree(opened, source, progress);
            } else {
                loadLines(opened, source, progress);
            }
        } finally {
            if (loader != null) {
                report(System.nanoTime() - start);
            }
        }
    }

    private void loadTree(Instance opened, Path source, ProgressLine progress) throws IOException {
        FileTree tree = new FileTree(source, opened.directory());
        int valueBytesMax = memory.valueBytesMax();
        int keyBytesMax = Tree.keyBytesMax(pageBytes(opened));
        AtomicLong total = new AtomicLong();
        tree.walk((file, key, bytes) -> {
            Loader.checkKey(key.length, keyBytesMax, file.toString());
            if (bytes > valueBytesMax) {
                throw Sources.tooLong(file.toString(), valueBytesMax);
            }
            progress.step("looking", total.addAndGet(bytes), 0);
        });
        skipped = tree.skipped();
        try (Loader entries = loader(opened)) {
            AtomicLong done = new AtomicLong();
            tree.walk((file, key, bytes) -> {
                entries.put(key, read(file, valueBytesMax, bytes), file.toString());
                progress.step("loading", done.addAndGet(bytes), total.get());
            });
            entries.finish();
        }
    }

    private static byte[] read(Path file, int bytesMax, long bytes) throws IOException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return Sources.read(in, bytesMax, file.toString(), bytes);
        }
    }

    private void loadLines(Instance opened, Path source, ProgressLine progress) throws IOException {
        long total = Files.size(source);
        try (Loader entries = loader(opened);
                InputStream in = Files.newInputStream(source, LinkOption.NOFOLLOW_LINKS)) {
            LineReader lines = new LineReader(in, source.toString(), entries.keyBytesMax(), memory.valueBytesMax());
            long done = 0;
            while (lines.next()) {
                byte[] key = lines.key();
                byte[] value = lines.value();
                entries.put(key, value, lines.where());
                done += key.length + value.length + 2L;
                progress.step("loading", Math.min(done, total), total);
            }
            entries.finish();
        }
    }

    private Loader loader(Instance opened) {
        loader = new Loader(opened, opened.openOrCreate(database), table, memory.bytes());
        return loader;
    }

    /** Of the database, if it is there, or of the one that will be made. */
    private int pageBytes(Instance opened) {
        return opened.databases().stream()
                .filter(each -> each.name().equals(database))
                .mapToInt(Database::pageBytes)
                .findFirst()
                .orElse(pageBytes);
    }

    private void report(long nanos) throws IOException {
        output().print(new Report()
                .add("rows", loader.rows())
                .bytes("bytes", loader.bytes())
                .add("skipped", skipped)
                .add("rowsPerSecond", Amounts.perSecond(loader.rows(), nanos))
                .took(loader.bytes(), nanos));
    }
}
