package dev.quire.io.log;

import dev.quire.io.StoreFile;

/** The generation that is being written. For the leader alone. */
final class OpenGeneration implements AutoCloseable {

    private final StoreFile file;
    private final long signature;
    private final int generation;
    private final long createdMillis;
    private int chain;
    private int endOffset = LogLayout.FIRST_BATCH_OFFSET;

    /** {@code chain} is the CRC of the file's header. */
    OpenGeneration(StoreFile file, long signature, int generation, long createdMillis, int chain) {
        this.file = file;
        this.signature = signature;
        this.generation = generation;
        this.createdMillis = createdMillis;
        this.chain = chain;
    }

    /** Writes through the channel: for threads of the engine. */
    void write(BatchBuffer batch, long forced) {
        chain = batch.finish(signature, chain, forced);
        file.write(batch.content(), Lsn.offset(batch.lsn()));
        endOffset = Lsn.offset(batch.next());
    }

    /** Writes and forces in one step, through an array: for any thread. Whatever was written before must be forced. */
    void writeThrough(BatchBuffer batch, byte[] scratch, long forced) {
        chain = batch.finish(signature, chain, forced);
        batch.copyTo(scratch);
        file.writeThrough(scratch, 0, batch.bytes(), Lsn.offset(batch.lsn()));
        endOffset = Lsn.offset(batch.next());
    }

    void force() {
        file.force();
    }

    /** What Begin of the next generation will say, once nothing more is written here. */
    GenerationInfo info() {
        return new GenerationInfo(generation, endOffset, createdMillis, chain);
    }

    @Override
    public void close() {
        file.close();
    }
}
