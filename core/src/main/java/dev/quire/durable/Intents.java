package dev.quire.durable;

import dev.quire.io.Storage;
import dev.quire.io.log.GenerationInfo;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Finds in the log what a backup noted before it was published: {@code intent ID KIND LOW HIGH MARK}, where MARK is the
 * position of its begin. The note carries no path: whoever looks has found the manifest by himself.
 */
final class Intents {

    private final Storage storage;
    private final Path directory;
    private final long signature;

    Intents(Storage storage, Path directory, long signature) {
        this.storage = storage;
        this.directory = directory;
        this.signature = signature;
    }

    static String text(BackupKind kind, String id, int generationLow, int generationHigh, long mark) {
        return about(kind, id, generationLow, generationHigh) + mark;
    }

    /**
     * Looks for the intent of one backup in what is there of the generations behind it. The caller keeps them there
     * meanwhile, with a {@link LogRelease.Pin}.
     *
     * @param current the generation that is being written, which is not looked into
     * @return the position of its begin, or {@link Lsn#NONE}
     */
    long find(BackupKind kind, String id, int generationLow, int generationHigh, int current) {
        String about = about(kind, id, generationLow, generationHigh);
        long[] mark = {Lsn.NONE};
        for (int generation : LogFiles.list(storage, directory)) {
            if (generation > generationHigh && generation < current) {
                LogFiles.read(
                        storage, path(generation), signature, info(generation), (lsn, type, buffer, at, length) -> {
                            if (type == RecordLayout.MARK) {
                                byte[] bytes = new byte[length];
                                buffer.get(at, bytes);
                                String text = new String(bytes, StandardCharsets.UTF_8);
                                mark[0] = text.startsWith(about)
                                        ? Long.parseLong(text.substring(about.length()))
                                        : mark[0];
                            }
                        });
            }
        }
        return mark[0];
    }

    private static String about(BackupKind kind, String id, int generationLow, int generationHigh) {
        return "intent " + id + ' ' + kind.word() + ' ' + generationLow + ' ' + generationHigh + ' ';
    }

    private Path path(int generation) {
        return LogFiles.path(directory, generation);
    }

    /** What the next generation says of one. */
    private GenerationInfo info(int generation) {
        return LogFiles.start(storage, path(generation + 1), signature, generation + 1)
                .previous();
    }
}
