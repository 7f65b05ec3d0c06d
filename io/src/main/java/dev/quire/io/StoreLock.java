package dev.quire.io;

/** An exclusive lock on a file, held until it is closed. Closing twice does nothing. */
public interface StoreLock extends AutoCloseable {

    @Override
    void close();
}
