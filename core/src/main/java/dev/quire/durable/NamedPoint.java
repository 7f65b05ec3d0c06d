package dev.quire.durable;

/**
 * A restore point that a transaction left in the log.
 *
 * @param name what it was called
 * @param position behind its commit
 * @param timeMs of its commit, milliseconds since 1970
 */
public record NamedPoint(String name, long position, long timeMs) {}
