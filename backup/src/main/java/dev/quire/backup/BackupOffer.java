package dev.quire.backup;

import dev.quire.durable.BackupKind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * A backup that somebody offers, to be pulled file by file: an instance in this process, or one in another behind a
 * socket. The calls have the order of {@link ExternalBackup}: begin, databases, logFiles, truncate, manifest, end;
 * every file is read to its end before the next step. One thread at a time.
 *
 * <p>Each call may throw what it throws there. To close an offer before it has ended gives the backup up.
 */
public interface BackupOffer extends AutoCloseable {

    /**
     * What has begun.
     *
     * @param id sixteen hexadecimal digits, with which the names of all files begin but that of a manifest
     * @param ofSame whether the full or copy that is stored already is one of this instance
     * @param madeUp how many backups that are stored already the instance did not know of, and does now
     * @param roomBytes what it takes on a disk if nothing is committed meanwhile
     */
    record Begun(String id, boolean ofSame, int madeUp, long roomBytes) {}

    /** Takes the bytes of a file, from its beginning to its end. */
    interface Target {

        /** So many bytes come next that nobody uses: zeros. */
        void zeros(long bytes);

        /** What remains in {@code bytes} comes next; it is somebody else's again when this returns. */
        void bytes(ByteBuffer bytes);
    }

    /** The directory of the instance, in which nothing is to be stored. */
    Path home();

    /**
     * Begins.
     *
     * @param label words for people
     * @param place where it will be stored, for messages
     * @param stored manifests of what is stored there: the full or copy, then what builds on it, in the order of the
     *     logs. An incremental or a differential goes on behind them; a full or a copy makes up for an end that a crash
     *     has cut off
     */
    Begun begin(BackupKind kind, String label, Path place, List<Manifest> stored);

    /** The files of the databases: pages, which end with {@code .qdb}, and which of them are in use, {@code .use}. */
    List<ExternalFile> databases();

    /** Closes the log, and says which files of it the backup has. */
    List<ExternalFile> logFiles();

    /** Hands over a file. */
    void read(String name, Target target);

    /** Says that somebody goes on who has nothing to ask: what has arrived takes its time. */
    void stay();

    /** Says that log may go when it has ended. */
    void truncate();

    /** The last file. */
    ExternalFile manifest();

    /** All is stored and published. Returns how many generations of the log went. */
    int end();

    @Override
    void close();
}
