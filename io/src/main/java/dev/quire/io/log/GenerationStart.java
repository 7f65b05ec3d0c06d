package dev.quire.io.log;

/**
 * What a generation says about itself at its start, verified: its header and its Begin record.
 *
 * @param generation its number
 * @param generationBytes size of its file while it is in the log; a copy may end at the closing offset
 * @param signature of its stream
 * @param createdMillis when it started
 * @param previous where the generation before ended, number 0 if there was none: the two are contiguous if and only if
 *     this equals what {@link LogFiles#verify} says of the other
 * @param context the engine's bytes, {@link LogWitness#context()}
 */
public record GenerationStart(
        int generation,
        int generationBytes,
        long signature,
        long createdMillis,
        GenerationInfo previous,
        byte[] context) {}
