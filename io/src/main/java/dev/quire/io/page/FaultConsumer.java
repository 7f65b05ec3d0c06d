package dev.quire.io.page;

import dev.quire.io.CorruptionException;

/** Hears of every bad page. What it throws ends the search. */
@FunctionalInterface
public interface FaultConsumer {

    /**
     * A page, or the extent that starts there, does not verify.
     *
     * @param page its number
     * @param pages how many pages are affected, as the allocation maps have it
     * @param fault says what was expected and what was found
     */
    void fault(long page, int pages, CorruptionException fault);
}
