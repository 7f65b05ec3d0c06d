package dev.quire.table;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;

/** How this package says that a tree holds what no tree holds. */
final class Damage {

    private Damage() {}

    /** A page whose content contradicts itself, its parent or its key. */
    static CorruptionException at(long page, String what) {
        return new CorruptionException(QuireError.DATABASE_CORRUPTED, null, "page " + page + ": " + what, null);
    }

    /** Something led out of a page in a way that no check foresaw: still damage, never a fault of the caller. */
    static CorruptionException from(long page, IndexOutOfBoundsException cause) {
        String message = "page " + page + " leads out of its bounds: " + cause.getMessage();
        return new CorruptionException(QuireError.DATABASE_CORRUPTED, null, message, cause);
    }
}
