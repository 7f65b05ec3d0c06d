package dev.quire.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.agrona.CloseHelper;

/**
 * Writes to one file past the system's cache, through a channel of its own that is opened when it is first needed. Not
 * every system, nor every file system, has such a thing: then nothing is written. Engine threads.
 */
final class DirectWrites {

    /** By name, since compilers warn of the package, which every JDK exports. Null where there is none. */
    private static final OpenOption DIRECT = option();

    private final FileIdentity identity;
    private final ReentrantLock lock = new ReentrantLock();
    private FileChannel channel;
    private boolean tried;
    private boolean closed;

    DirectWrites(FileIdentity identity) {
        this.identity = identity;
    }

    /** Writes all of it, or nothing; {@code path} is where the file is now. */
    boolean write(ByteBuffer source, long position, Path path) throws IOException {
        if (!isAligned(source, position)) {
            return false;
        }
        FileChannel open = channel(path);
        if (open == null) {
            return false;
        }
        long at = position;
        while (source.hasRemaining()) {
            int count = open.write(source, at);
            if (count <= 0 || count % StoreFile.DIRECT_UNIT_BYTES != 0) {
                throw new IOException("the system wrote " + count + " bytes at position=" + at);
            }
            at += count;
        }
        return true;
    }

    private static boolean isAligned(ByteBuffer source, long position) {
        int unit = StoreFile.DIRECT_UNIT_BYTES;
        return source.isDirect()
                && position % unit == 0
                && source.remaining() % unit == 0
                && source.alignmentOffset(source.position(), unit) == 0;
    }

    /** Null where there is none. */
    private FileChannel channel(Path path) throws IOException {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("file is closed path=" + path);
            }
            if (!tried) {
                tried = true;
                channel = open(path);
            }
            return channel;
        } finally {
            lock.unlock();
        }
    }

    private FileChannel open(Path path) throws IOException {
        identity.check(path);
        if (!fitsBlocks(path)) {
            return null;
        }
        FileChannel open = openDirect(path);
        try {
            identity.check(path);
            return open;
        } catch (IOException | RuntimeException | Error fault) {
            CloseHelper.quietClose(open);
            throw fault;
        }
    }

    /** Not where nobody can say: in a changed root there may be no list of what is mounted. */
    private static boolean fitsBlocks(Path path) {
        try {
            long block = Files.getFileStore(path).getBlockSize();
            return block > 0 && StoreFile.DIRECT_UNIT_BYTES % block == 0;
        } catch (IOException | UnsupportedOperationException unable) {
            return false;
        }
    }

    /** Null if the file system knows nothing of it; why it does not open otherwise, the ordinary write will say. */
    private static FileChannel openDirect(Path path) {
        try {
            return DIRECT == null
                    ? null
                    : FileChannel.open(path, Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS, DIRECT));
        } catch (IOException | UnsupportedOperationException unable) {
            return null;
        }
    }

    private static OpenOption option() {
        try {
            return Stream.of(
                            Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants())
                    .filter(each -> each.toString().equals("DIRECT"))
                    .map(OpenOption.class::cast)
                    .findFirst()
                    .orElse(null);
        } catch (ClassNotFoundException none) {
            return null;
        }
    }

    void close() throws IOException {
        lock.lock();
        try {
            closed = true;
            if (channel != null) {
                channel.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
