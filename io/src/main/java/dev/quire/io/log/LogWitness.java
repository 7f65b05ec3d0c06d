package dev.quire.io.log;

import dev.quire.io.QuireException;

/**
 * How the engine above follows the log. Called by whichever thread leads the force, with no lock of the log held, one
 * call at a time, except that {@link #failed} may come beside another. None of the methods may append, await, force,
 * roll or close, or wait for a lock whose holder may be doing so: the log does nothing else until they return. What
 * they throw poisons the log.
 */
public interface LogWitness {

    /**
     * Bytes for the Begin record of the next generation, which a reader of that generation finds before anything else:
     * attachments, flags. At most {@link LogLayout#contextBytesMax}: 64 KiB, less for generations below 1 MiB.
     */
    byte[] context();

    /**
     * Begin of {@code generation} is forced. When this returns, a checkpoint slot that names the generation and
     * {@code forcedPosition} must be durable; nothing is written behind Begin before. So a generation above the highest
     * that any slot names holds nothing but Begin, and one without a valid Begin is damage if a slot names it.
     */
    void generationStarted(int generation, long forcedPosition);

    /** Everything below {@code position} is durable. Called after each successful force, before anybody is woken. */
    void forcedTo(long position);

    /** The first failed write or force: nothing more will ever become durable through this log. Called once. */
    void failed(QuireException cause);
}
