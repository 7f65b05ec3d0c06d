package dev.quire.backup;

import dev.quire.Instance;
import dev.quire.durable.BackupKind;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A caller of external backups, who stores in directories what he pulls; {@code between} happens between his calls. */
final class Puller {

    private static final int CHUNK_BYTES = 200_000;

    private final Storage storage;
    private final Runnable between;

    Puller(Storage storage, Runnable between) {
        this.storage = storage;
        this.between = between;
    }

    /** With log that may go afterwards, if the kind is one of those. */
    BackupReport take(Instance instance, ExternalRequest request, Path to) {
        return take(instance, request, to, request.kind().isTruncating());
    }

    BackupReport take(Instance instance, ExternalRequest request, Path to, boolean truncating) {
        try (ExternalBackup backup = ExternalBackup.begin(instance, request)) {
            pull(backup, request.kind(), to, truncating);
            return backup.end(ExternalBackup.End.NORMAL);
        }
    }

    /** All but the end; everything is on the medium then. */
    void pull(ExternalBackup backup, BackupKind kind, Path to, boolean truncating) {
        if (storage.kind(to) == Storage.Kind.NONE) {
            storage.createDirectory(to);
            storage.forceDirectory(to.getParent());
        }
        Path mark = to.resolve(backup.mark());
        storage.create(mark).close();
        storage.forceDirectory(to);
        if (kind.hasPages()) {
            backup.databases().forEach(file -> store(backup, file, to.resolve(file.name())));
        }
        backup.logFiles().forEach(file -> store(backup, file, to.resolve(file.name())));
        if (truncating) {
            backup.truncate();
        }
        ExternalFile manifest = backup.manifest();
        store(backup, manifest, mark);
        storage.forceDirectory(to);
        storage.rename(mark, to.resolve(manifest.name()));
        try {
            storage.forceDirectory(to);
        } catch (QuireException e) { // nobody knows whether the medium has the name: it must not be believed
            storage.rename(to.resolve(manifest.name()), mark);
            throw e;
        }
    }

    /** What nobody uses stays a hole. */
    void store(ExternalBackup backup, ExternalFile file, Path to) {
        try (ExternalReader reader = backup.open(file.name());
                StoreFile target = target(to)) {
            ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
            long at = reader.skipFree();
            while (reader.read(chunk.clear()) > 0) {
                target.write(chunk.flip(), at);
                reader.skipFree();
                at = reader.position();
                between.run();
            }
            target.force();
        }
    }

    /** A new file, or the mark. */
    private StoreFile target(Path to) {
        return storage.kind(to) == Storage.Kind.NONE ? storage.create(to) : storage.open(to, Storage.Access.WRITE);
    }

    /** All bytes of a file, or of a section of it. */
    static byte[] bytes(ExternalReader reader) {
        try (reader) {
            ByteBuffer all = ByteBuffer.allocate((int) (reader.end() - reader.position()));
            int read = reader.read(all);
            while (read > 0) {
                read = reader.read(all);
            }
            return all.array();
        }
    }
}
