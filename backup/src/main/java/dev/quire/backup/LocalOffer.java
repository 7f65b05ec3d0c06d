package dev.quire.backup;

import dev.quire.Instance;
import dev.quire.durable.BackupKind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What an instance in this process offers. Memory of ours is all that is held while somebody takes what was read. */
public final class LocalOffer implements BackupOffer {

    /** What leaves at once: of a caller who takes little, the instance hears often enough. */
    public static final int PIECE_BYTES = 256 << 10;

    private final Instance instance;
    private final Duration lease;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
    private ExternalBackup backup;
    private boolean madeUp;
    private boolean ended;

    /** Of a backup that is given up when nobody has called for the length of {@code lease}. */
    public LocalOffer(Instance instance, Duration lease) {
        this.instance = instance;
        this.lease = lease;
    }

    @Override
    public Path home() {
        return instance.directory();
    }

    @Override
    public Begun begin(BackupKind kind, String label, Path place, List<Manifest> stored) {
        BackupSet set = stored.isEmpty() ? null : BackupSet.of(place, stored);
        ExternalRequest request = ExternalRequest.of(kind).label(label).lease(lease);
        boolean behind = kind.buildsOnAnother() && set != null;
        ExternalBackup begun = ExternalBackup.begin(instance, behind ? request.behind(set) : request);
        backup = begun;
        if (set != null && !behind) {
            begun.stampLate(set);
            madeUp = begun.madeUp() > 0;
        }
        return new Begun(begun.id(), set != null && begun.isOfSame(set.full()), begun.madeUp(), begun.roomBytes());
    }

    @Override
    public List<ExternalFile> databases() {
        return begun().databases();
    }

    @Override
    public List<ExternalFile> logFiles() {
        return begun().logFiles();
    }

    @Override
    public void read(String name, Target target) {
        try (ExternalReader reader = begun().open(name)) {
            boolean more = true;
            while (more) {
                long free = reader.skipFree();
                if (free > 0) {
                    target.zeros(free);
                }
                more = reader.readUsed(piece.clear()) >= 0;
                if (more) {
                    target.bytes(piece.flip());
                }
            }
        }
    }

    @Override
    public void stay() {
        begun().stay();
    }

    @Override
    public void truncate() {
        begun().truncate();
    }

    @Override
    public ExternalFile manifest() {
        return begun().manifest();
    }

    @Override
    public int end() {
        int released = begun().end(ExternalBackup.End.NORMAL).released();
        ended = true;
        return released;
    }

    /** Whether it was begun, and so cannot be again. */
    public boolean hasBegun() {
        return backup != null;
    }

    /** Whether nobody can go on with it: the instance has ended it, or wants to. */
    public boolean isOver() {
        return backup != null && !ended && backup.isOver();
    }

    /** Log that an earlier backup has goes also when this one is given up, if only this one made that known. */
    @Override
    public void close() {
        if (backup != null) {
            try {
                if (madeUp && !ended && !backup.isOver()) {
                    backup.release();
                }
            } finally {
                backup.close();
            }
        }
    }

    private ExternalBackup begun() {
        if (backup == null) {
            throw ExternalBackup.notBegun();
        }
        return backup;
    }
}
