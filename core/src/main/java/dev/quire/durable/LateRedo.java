package dev.quire.durable;

import dev.quire.pages.DatabasePages;
import dev.quire.pages.Frame;
import dev.quire.pages.Versions;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * Redo that knows the whole log and may write. When memory is spent it writes what there is like a checkpoint, without
 * moving the redo start. Pages may then stand at different places of the log in the file. That is nothing new to a
 * recovery that starts again: every page says by its dbtime where it stands.
 */
final class LateRedo extends Redo {

    private final Int2ObjectHashMap<DatabasePages> databases;
    private final Checkpointer checkpointer;
    private final Suspects suspects = new Suspects();

    LateRedo(
            RedoSurvey survey,
            Int2ObjectHashMap<DatabasePages> databases,
            Versions versions,
            Checkpointer checkpointer) {
        super(survey, versions);
        this.databases = databases;
        this.checkpointer = checkpointer;
    }

    /**
     * Judges what is left.
     *
     * @throws dev.quire.io.CorruptionException naming the first page that the log could not make whole, and how many
     *     there are
     */
    void finish() {
        suspects.judge(id -> databases.get(id).file().path());
    }

    @Override
    DatabasePages database(int id) {
        return databases.get(id);
    }

    /**
     * Called when nothing of the record has been changed yet, and no frame is held.
     *
     * @throws dev.quire.io.LimitException if the budget is too small even so
     */
    @Override
    Frame take(int length) {
        Frame frame = versions().take(length);
        if (frame == null) {
            checkpointer.flush();
            frame = versions().take(length);
        }
        if (frame == null) {
            throw versions().outOfMemory();
        }
        return frame;
    }

    /**
     * In two steps: so the length says that everything but the last page was written and forced. {@link Recovery}
     * relies on that when this recovery is cut short.
     */
    @Override
    void reach(DatabasePages database, long pageEnd) {
        if (pageEnd > database.file().pageCount()) {
            long all = Math.max(pageEnd, survey().pageEnd(database.id()));
            for (long end = all - 1; end <= all; end++) {
                if (end > database.file().pageCount()) {
                    database.file().grow(end);
                }
            }
        }
    }

    @Override
    boolean isTooNew(DatabasePages database, long dbtime) {
        return dbtime > survey().dbtime(database.id());
    }

    @Override
    void suspect(DatabasePages database, Frame frame, Suspects.Fault fault) {
        frame.suspect(true);
        suspects.add(database.id(), frame.page(), fault);
    }

    @Override
    void cleared(DatabasePages database, long page, int pages) {
        suspects.clear(database.id(), page, pages);
    }
}
