package dev.quire;

/**
 * Counts and positions at one moment, each read by itself.
 *
 * @param appended position behind the last record of the log
 * @param durable position of the newest durable commit
 * @param redoStart where a recovery would start
 * @param depthBytes log that a recovery would read
 * @param checkpoints checkpoints completed since the instance was opened
 * @param dirtyPages pages whose newest version is not in their file yet
 * @param memoryUsedBytes memory in use for versions of pages
 * @param memoryHeldBytes memory outside the heap held for them
 * @param memoryBytesMax the budget
 * @param openTransactions transactions that are open
 * @param oldestTransaction who holds the oldest snapshot, in words
 * @param databases attached databases
 * @param databaseBytes bytes of their files
 */
public record InstanceStats(
        long appended,
        long durable,
        long redoStart,
        long depthBytes,
        long checkpoints,
        int dirtyPages,
        long memoryUsedBytes,
        long memoryHeldBytes,
        long memoryBytesMax,
        int openTransactions,
        String oldestTransaction,
        int databases,
        long databaseBytes) {}
