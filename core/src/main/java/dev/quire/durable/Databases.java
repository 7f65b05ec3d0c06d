package dev.quire.durable;

import dev.quire.io.CorruptionException;
import dev.quire.io.InUseException;
import dev.quire.io.LimitException;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.page.DatabaseHeader;
import dev.quire.io.page.PageFile;
import dev.quire.pages.DatabasePages;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Databases come and go. Every method is called by the holder of the writer's place; those that take a database away
 * are called when no transaction is open.
 *
 * <p>The order in which a file and the record about it become durable is what a crash in between leaves behind:
 * creating makes the file first, so a record never names a missing file, and a file that our stream marked as its own
 * and knows nothing of is an orphan; dropping writes the record first, for the same reason. Attaching writes the record
 * first: until then the file is somebody else's and must not be touched.
 */
public final class Databases {

    private final Engine engine;
    private final EngineSettings settings;
    private final Storage storage;

    /** Works on the databases of {@code engine}. */
    public Databases(Engine engine) {
        this.engine = engine;
        this.settings = engine.settings();
        this.storage = settings.storage();
    }

    /** The attached database of that name. */
    public Optional<DatabasePages> find(String name) {
        return engine.attachments().named(name).map(a -> engine.byId().get(a.id()));
    }

    /** Makes and attaches a database. */
    public DatabasePages create(String name, int pageSize) {
        Path path = checkNew(name);
        clearOrphan(path);
        if (storage.kind(path) != Storage.Kind.NONE) {
            throw new QuireException(QuireError.DATABASE_DUPLICATE, path, "a file of this name is there", null);
        }
        int id = engine.attachments().nextId();
        long now = settings.clock().getAsLong();
        DatabaseHeader header = DatabaseHeader.create(
                        pageSize, settings.random().getAsLong(), now)
                .withDatabaseId(id)
                .withLogSignature(engine.slot().signature())
                .withState(openState())
                .withDbtimeBound(NewDatabase.FIRST_DBTIME);
        PageFile file = engine.threads().call(() -> NewDatabase.create(storage, path, header));
        return attached(RecordLayout.CREATE, name, id, file, now);
    }

    /**
     * Attaches a database that was detached in order. Its backups belong to the stream it comes from, so their stamps
     * go.
     */
    public DatabasePages attach(String name) {
        Path path = checkNew(name);
        if (storage.kind(path) == Storage.Kind.NONE) {
            throw new NotFoundException(QuireError.FILE_NOT_FOUND, path, "there is no such database", null);
        }
        DatabaseHeader found = engine.threads().call(() -> {
            forceFound(path);
            return DatabaseHeader.read(storage, path, Databases::warn);
        });
        checkAttachable(found, path);
        int id = engine.attachments().nextId();
        long now = settings.clock().getAsLong();
        return engine.threads().call(() -> adopt(name, id, PageFile.open(storage, path, found), now));
    }

    /** Whoever brought the file may have forced neither it nor its name, and a record about it must not outlive it. */
    private void forceFound(Path path) {
        try (StoreFile file = storage.open(path, Storage.Access.WRITE)) {
            orPoison(file::force);
        }
        orPoison(() -> storage.forceDirectory(path.getParent()));
    }

    /** The other copy is good, and both are written when the database becomes ours. */
    private static void warn(CorruptionException damage) {
        System.getLogger(Databases.class.getName()).log(System.Logger.Level.WARNING, damage.getMessage());
    }

    /** What fails once might succeed the next time and prove nothing: there is no next time. */
    private void orPoison(Runnable force) {
        try {
            force.run();
        } catch (RuntimeException | Error e) {
            engine.poison().set(e);
            throw e;
        }
    }

    /**
     * The record, then the header that follows from it. No checkpoint may come between: recovery makes up for a header
     * that a crash prevented as long as it reads the record, so the redo start must not move past that one before.
     */
    private DatabasePages adopt(String name, int id, PageFile file, long now) {
        engine.checkpointer().hold();
        try {
            DatabasePages database = attached(RecordLayout.ATTACH, name, id, file, now);
            DatabaseHeader header = adopted(file.header(), id, engine.slot().signature(), openState());
            orPoison(() -> file.writeHeader(header));
            return database;
        } finally {
            engine.checkpointer().resume();
        }
    }

    /** Brings everything to the file and lets it go, to be attached here or elsewhere. */
    public void detach(DatabasePages database) {
        engine.checkpoint();
        engine.threads().run(() -> {
            DatabaseHeader header = database.file().header();
            database.file()
                    .writeHeader(header.withState(DatabaseHeader.State.CLEAN)
                            .withDbtimeBound(database.dbtime())
                            .withDetach(
                                    engine.versions().clock().published(),
                                    settings.clock().getAsLong()));
        });
        ended(RecordLayout.DETACH, database);
        engine.threads().run(database.file()::close);
    }

    /** Takes the database away for good. */
    public void drop(DatabasePages database) {
        engine.threads().run(() -> {
            engine.checkpointer().hold();
            try {
                ended(RecordLayout.DROP, database);
                engine.versions().discard(database);
            } finally {
                engine.checkpointer().resume();
            }
            database.file().close();
            storage.delete(Names.database(settings.directory(), database.name()));
            storage.forceDirectory(settings.directory());
        });
    }

    /** The header of a database that becomes ours. */
    static DatabaseHeader adopted(DatabaseHeader found, int id, long signature, DatabaseHeader.State state) {
        return found.withoutStamps()
                .withDatabaseId(id)
                .withLogSignature(signature)
                .withState(state)
                .withRequiredFrom(0)
                .withRequiredUpTo(0)
                .withCommittedUpTo(0);
    }

    private DatabaseHeader.State openState() {
        return settings.logging() ? DatabaseHeader.State.DIRTY : DatabaseHeader.State.UNLOGGED;
    }

    private Path checkNew(String name) {
        if (!Names.isDatabaseName(name)) {
            throw new QuireException(
                    QuireError.DATABASE_INVALID_NAME,
                    "name=" + name + ": letters, digits, '.', '_' and '-', at most 64, not the name of a device");
        }
        if (engine.attachments().named(name).isPresent()) {
            throw new QuireException(QuireError.DATABASE_DUPLICATE, "name=" + name + " is attached");
        }
        if (engine.byId().size() >= settings.databasesMax()) {
            throw new LimitException(
                    QuireError.TOO_MANY_ATTACHED_DATABASES, null, "limit=" + settings.databasesMax(), null);
        }
        return Names.database(settings.directory(), name);
    }

    private void checkAttachable(DatabaseHeader header, Path path) {
        for (DatabasePages other : engine.databases()) {
            if (other.file().signature() == header.signature()) {
                throw new InUseException(
                        QuireError.DATABASE_SIGN_IN_USE, path, "is attached already as " + other.name(), null);
            }
        }
        if (header.state() == DatabaseHeader.State.BACKUP) {
            throw new QuireException(
                    QuireError.SOFT_RECOVERY_ON_BACKUP_DATABASE, path, "comes out of a backup: restore it", null);
        }
        if (header.state() != DatabaseHeader.State.CLEAN) {
            throw new CorruptionException(
                    QuireError.DATABASE_DIRTY_SHUTDOWN, path, "was not detached in order: " + header.state(), null);
        }
    }

    /** A file that our stream began to make and knows nothing of, still as it was made. */
    private void clearOrphan(Path path) {
        if (storage.kind(path) != Storage.Kind.FILE) {
            return;
        }
        engine.threads().run(() -> {
            DatabaseHeader header = DatabaseHeader.read(storage, path);
            boolean ours = header.logSignature() == engine.slot().signature();
            boolean asCreated = header.dbtimeBound() == NewDatabase.FIRST_DBTIME;
            if (ours && asCreated && header.state() != DatabaseHeader.State.CLEAN) {
                storage.delete(path);
                storage.forceDirectory(settings.directory());
            }
        });
    }

    private DatabasePages attached(int type, String name, int id, PageFile file, long now) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        long dbtime = file.header().dbtimeBound();
        ByteBuffer record = ByteBuffer.allocateDirect(RecordLayout.ATTACH_NAME_OFFSET + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        record.putInt(RecordLayout.ATTACH_ID_OFFSET, id);
        record.putInt(RecordLayout.ATTACH_PAGE_SIZE_OFFSET, file.pageSize());
        record.putLong(RecordLayout.ATTACH_SIGNATURE_OFFSET, file.signature());
        record.putLong(RecordLayout.ATTACH_DBTIME_OFFSET, dbtime);
        record.putLong(RecordLayout.ATTACH_TIME_OFFSET, now);
        record.putInt(RecordLayout.ATTACH_NAME_LENGTH_OFFSET, bytes.length);
        record.put(RecordLayout.ATTACH_NAME_OFFSET, bytes);
        DatabasePages database = new DatabasePages(id, name, file, dbtime, engine.versions());
        note(type, record, file, position -> {
            engine.attachments()
                    .add(new Attachment(id, name, file.signature(), file.pageSize(), position, Long.MAX_VALUE));
            engine.byId().put(id, database);
        });
        if (!settings.logging()) {
            engine.noteAttachments();
        }
        return database;
    }

    private void note(int type, ByteBuffer record, PageFile file, LongConsumer noted) {
        try {
            engine.note(type, record, noted);
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    private void ended(int type, DatabasePages database) {
        ByteBuffer record = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        record.putInt(0, database.id());
        engine.note(type, record, position -> {
            engine.attachments().end(database.id(), position);
            engine.byId().remove(database.id());
        });
        if (!settings.logging()) {
            engine.noteAttachments();
        }
    }
}
