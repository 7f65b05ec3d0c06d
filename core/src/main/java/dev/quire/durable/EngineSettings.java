package dev.quire.durable;

import dev.quire.io.Progress;
import dev.quire.io.Storage;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * What the engine is told, already validated as a whole.
 *
 * @param storage where everything is kept
 * @param directory of the instance
 * @param generationBytes size of a log generation
 * @param memoryBytes budget of memory for changed pages
 * @param guardHalfBytes size of one half of the torn-page guard
 * @param checkpointBytes log between two checkpoints
 * @param depthBytesMax log behind the redo start beyond which writers are refused
 * @param checkpointIntervalMs time between two checkpoints
 * @param memoryWaitMs how long a writer waits for memory
 * @param databasesMax how many databases may be attached
 * @param circular log that no checkpoint needs is released without a backup
 * @param logging whether there is a log
 * @param acceptLoss go on although committed log is missing
 * @param replay what recovery takes of the log
 * @param background whether the engine has threads of its own
 * @param progress who follows a recovery
 * @param clock milliseconds since 1970
 * @param random source of signatures
 */
public record EngineSettings(
        Storage storage,
        Path directory,
        int generationBytes,
        long memoryBytes,
        int guardHalfBytes,
        long checkpointBytes,
        long depthBytesMax,
        long checkpointIntervalMs,
        long memoryWaitMs,
        int databasesMax,
        boolean circular,
        boolean logging,
        boolean acceptLoss,
        ReplayScope replay,
        boolean background,
        Progress progress,
        LongSupplier clock,
        LongSupplier random) {}
