package dev.quire.io.log;

import dev.quire.io.Checksum;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.Storage.Access;
import dev.quire.io.StoreFile;
import dev.quire.io.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * The least that an engine must add to a log: two alternating checkpoint slots, each in a sector of its own. Also
 * remembers what it was told.
 */
final class Slots implements LogWitness {

    static final Path FILE = Path.of("/slots");
    private static final int SLOT_BYTES = 512;
    private static final int USED_BYTES = 28;

    private final Storage storage;
    private long sequence;
    int from = 1;
    int highest;
    long forced;
    byte[] context = {};
    volatile long told;
    volatile QuireException failure;
    volatile int failures;

    private Slots(Storage storage) {
        this.storage = storage;
    }

    /** On a disk that has none yet. */
    static Slots plant(SimDisk disk) {
        disk.plant(FILE, new byte[2 * SLOT_BYTES]);
        return new Slots(disk);
    }

    /** The better of the two, forced before it is believed. */
    static Slots read(Storage storage) {
        Slots best = new Slots(storage);
        try (StoreFile file = storage.open(FILE, Access.WRITE)) {
            file.force();
            for (int i = 0; i < 2; i++) {
                ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
                file.read(slot, (long) i * SLOT_BYTES);
                boolean valid = slot.getInt(USED_BYTES) == Checksum.crc32c(slot, 0, USED_BYTES);
                if (valid && slot.getLong(0) > best.sequence) {
                    best.sequence = slot.getLong(0);
                    best.from = slot.getInt(8);
                    best.highest = slot.getInt(12);
                    best.forced = slot.getLong(16);
                }
            }
        }
        return best;
    }

    /** Writes a slot with what the fields say, durably. */
    void write() {
        sequence++;
        rewrite();
    }

    /** Writes the slot again in its place: a force that succeeds proves nothing after one that failed. */
    void rewrite() {
        ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        slot.putLong(0, sequence).putInt(8, from).putInt(12, highest).putLong(16, forced);
        slot.putInt(USED_BYTES, Checksum.crc32c(slot, 0, USED_BYTES));
        try (StoreFile file = storage.open(FILE, Access.WRITE)) {
            file.write(slot, sequence % 2 * SLOT_BYTES);
            file.force();
        }
    }

    @Override
    public byte[] context() {
        return context;
    }

    @Override
    public void generationStarted(int generation, long forcedPosition) {
        highest = generation;
        forced = forcedPosition;
        write();
    }

    @Override
    public void forcedTo(long position) {
        if (position < told) {
            throw new AssertionError("forced position went back");
        }
        told = position;
    }

    @Override
    public void failed(QuireException cause) {
        failure = cause;
        failures++;
    }
}
