package dev.quire.io.sim;

import dev.quire.io.sim.SimOperation.Type;
import java.util.EnumSet;
import java.util.Set;

/** What can go wrong with one operation. */
public enum Fault {
    /** A write or a change of names fails and does nothing. */
    EIO_WRITE(EnumSet.complementOf(EnumSet.of(Type.FORCE, Type.FORCE_DIRECTORY))),
    /** A write fails after its first half. */
    SHORT_WRITE(EnumSet.of(Type.WRITE, Type.WRITE_THROUGH, Type.ALLOCATE, Type.TRANSFER)),
    /** The disk is full; nothing is done. */
    NO_SPACE(EnumSet.complementOf(EnumSet.of(Type.FORCE, Type.FORCE_DIRECTORY, Type.DELETE))),
    /**
     * A force fails, and what it should have kept never reaches the medium, although it can be read until the power
     * goes; a later force of the same file reports success all the same.
     */
    FAILED_FORCE(EnumSet.of(Type.FORCE, Type.FORCE_DIRECTORY, Type.WRITE_THROUGH)),
    /** A read fails. Reads have numbers of their own: {@link SimDisk#readCount}. */
    EIO_READ(EnumSet.noneOf(Type.class)),
    /** A write is acknowledged and never done. */
    LOST_WRITE(EnumSet.of(Type.WRITE, Type.WRITE_THROUGH, Type.TRANSFER)),
    /** A write is acknowledged and done in another place of the same file. */
    MISDIRECTED_WRITE(EnumSet.of(Type.WRITE, Type.WRITE_THROUGH, Type.TRANSFER));

    private final Set<Type> types;

    Fault(Set<Type> types) {
        this.types = types;
    }

    /** Whether it can happen to such an operation; to others a planned fault does nothing. */
    public boolean appliesTo(Type type) {
        return types.contains(type);
    }
}
