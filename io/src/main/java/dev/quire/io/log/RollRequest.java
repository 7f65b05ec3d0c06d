package dev.quire.io.log;

import dev.quire.io.StorageFullException;

/** Somebody waits for the next generation. Fields change under the lock of the {@link LogTail}. */
final class RollRequest {

    /** How many generations must stand ready besides the one that starts, for what has been reserved. */
    final int ahead;

    /** Set once the generation has started or was refused, or the log has failed. */
    boolean done;

    /** The generation that started, 0 if none did. */
    int started;

    /** Why nothing happened: there is no room. The log goes on in the generation it was in. */
    StorageFullException refused;

    RollRequest(int ahead) {
        this.ahead = ahead;
    }
}
