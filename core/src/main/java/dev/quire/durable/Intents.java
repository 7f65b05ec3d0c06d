package dev.quire.durable;

import dev.quire.io.Storage;
import dev.quire.io.log.GenerationInfo;
import dev.quire.io.log.LogFiles;
import dev.quire.io.log.Lsn;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds in the log what backups noted before they were published: {@code intent ID KIND LOW HIGH MARK CRC}, where MARK
 * is the position of the begin, and CRC that of the manifest. The note carries no path: whoever looks has found the
 * manifest by himself, and believes what it says because the log knows its checksum.
 */
final class Intents {

    private static final int FIELD_MARK = 5;
    private static final int FIELDS = 7;

    private final Storage storage;
    private final Path directory;
    private final long signature;

    Intents(Storage storage, Path directory, long signature) {
        this.storage = storage;
        this.directory = directory;
        this.signature = signature;
    }

    static String text(BackupKind kind, String id, int generationLow, int generationHigh, long mark, int crc) {
        return "intent " + id + ' ' + kind.word() + ' ' + generationLow + ' ' + generationHigh + ' ' + mark + ' '
                + String.format("%08x", crc);
    }

    /**
     * Looks for the intents of some backups in what is there of the generations behind them, reading each once. The
     * caller keeps them there meanwhile, with a {@link LogRelease.Pin}.
     *
     * @param current the generation that is being written, which is not looked into
     * @return the positions of their begins, by identity; none of one whose intent is not there
     */
    Map<String, Long> find(List<PublishedBackup> backups, int current) {
        Map<String, PublishedBackup> wanted = new HashMap<>();
        backups.forEach(each -> wanted.put(each.id(), each));
        int behind =
                backups.stream().mapToInt(PublishedBackup::generationHigh).min().orElse(current);
        Map<String, Long> marks = new HashMap<>();
        for (int generation : LogFiles.list(storage, directory)) {
            if (generation > behind && generation < current) {
                LogFiles.read(
                        storage, path(generation), signature, info(generation), (lsn, type, buffer, at, length) -> {
                            if (type == RecordLayout.MARK) {
                                byte[] bytes = new byte[length];
                                buffer.get(at, bytes);
                                note(new String(bytes, StandardCharsets.UTF_8), Lsn.generation(lsn), wanted, marks);
                            }
                        });
            }
        }
        return marks;
    }

    private static void note(
            String text, int generation, Map<String, PublishedBackup> wanted, Map<String, Long> marks) {
        String[] fields = text.split(" ", -1);
        PublishedBackup backup = fields.length == FIELDS ? wanted.get(fields[1]) : null;
        if (backup != null && generation > backup.generationHigh()) {
            long mark = Long.parseLong(fields[FIELD_MARK]);
            if (text.equals(backup.intent(mark))) {
                marks.put(backup.id(), mark);
            }
        }
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
