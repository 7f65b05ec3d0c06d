package dev.quire.io;

import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;

/**
 * A socket in the file system on which this process listens, for its own user alone. At no moment anybody else can
 * connect: it is made in a directory that is closed to others, and moves to its place when it is closed to them itself.
 * Who connects is asked for his name as well, where the JDK can do that (module {@code jdk.net}).
 *
 * <p>Its place is a name that is free, or that of a socket of ours on which nobody answers any more; nothing else is
 * ever replaced. Of several processes that want to replace one, one does. Any thread.
 */
public final class LocalSocket implements AutoCloseable {

    /** The systems take 104 bytes or 108, with a zero behind. */
    private static final int PATH_BYTES_MAX = 100;

    private static final int TYPE_BITS = 0170000;
    private static final int TYPE_SOCKET = 0140000;
    private static final String BOUND = "s";

    /** An image of the JDK need not have it; then the permissions alone keep others out. */
    private static final boolean PEERS_HAVE_NAMES =
            ModuleLayer.boot().findModule("jdk.net").isPresent();

    private final Path path;
    private final ServerSocketChannel channel;
    private final UserPrincipal owner;
    private final Object key;

    private LocalSocket(Path path, ServerSocketChannel channel, UserPrincipal owner, Object key) {
        this.path = path;
        this.channel = channel;
        this.owner = owner;
        this.key = key;
    }

    /**
     * Listens.
     *
     * @param path in an existing directory; about 80 bytes at most
     * @throws QuireException {@code INVALID_PATH} if no socket can be made there, {@code FILE_ALREADY_EXISTS} if
     *     something is there that is no socket of ours; {@code FILE_INVALID_TYPE} if something is where its lock is to
     *     be, beside it with {@code .lock} behind its name, where an empty file goes; {@code INVALID_PARAMETER} if the
     *     system has no such sockets, or no owners of files
     * @throws InUseException {@code FILE_ACCESS_DENIED} if somebody answers there, {@code SYSTEM_PATH_IN_USE} if
     *     somebody else is about to listen there
     */
    public static LocalSocket listen(Path path) {
        Path place = path.toAbsolutePath().normalize();
        Path above = place.getParent();
        if (above == null || !Files.isDirectory(above)) {
            throw new QuireException(QuireError.INVALID_PATH, place, "the directory above it does not exist", null);
        }
        if (!above.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            throw new QuireException(
                    QuireError.INVALID_PARAMETER, place, "files have no owner here that could be the only one", null);
        }
        try {
            FileAttribute<?> mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
            Path closed = Files.createTempDirectory(above, ".q", mode);
            try {
                return listen(place, closed);
            } finally {
                Files.deleteIfExists(closed.resolve(BOUND));
                Files.delete(closed);
            }
        } catch (IOException fault) {
            throw DiskFaults.whileWriting(fault, place, "listen");
        }
    }

    private static LocalSocket listen(Path place, Path closed) throws IOException {
        Path bound = closed.resolve(BOUND);
        int length = bound.toString().getBytes(StandardCharsets.UTF_8).length;
        if (Math.max(length, place.toString().getBytes(StandardCharsets.UTF_8).length) > PATH_BYTES_MAX) {
            throw new QuireException(
                    QuireError.INVALID_PATH, place, "is too long for a socket, bytes max=" + PATH_BYTES_MAX, null);
        }
        UserPrincipal owner = Files.getOwner(closed);
        ServerSocketChannel channel = open(place);
        try {
            channel.bind(UnixDomainSocketAddress.of(bound));
            Files.setPosixFilePermissions(bound, PosixFilePermissions.fromString("rw-------"));
            Object key = key(bound);
            move(bound, place, owner);
            return new LocalSocket(place, channel, owner, key);
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    /** Between the two steps nobody else takes the place, who has seen a dead socket there as well. */
    private static void move(Path bound, Path place, UserPrincipal owner) throws IOException {
        Path file = place.resolveSibling(place.getFileName() + ".lock");
        StoreLock lock = FileStorage.instance().lock(file);
        Closeable name = () -> FileStorage.instance().delete(file); // nobody else can have it, before it is closed
        try (lock;
                name) {
            checkFree(place, owner);
            Files.move(bound, place, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static ServerSocketChannel open(Path place) throws IOException {
        try {
            return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        } catch (UnsupportedOperationException e) {
            throw unsupported(place, e);
        }
    }

    /** The name is nobody's, or that of a socket of ours whose process has ended. */
    private static void checkFree(Path place, UserPrincipal owner) throws IOException {
        try {
            int mode = (Integer) Files.getAttribute(place, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            if ((mode & TYPE_BITS) != TYPE_SOCKET
                    || !Files.getOwner(place, LinkOption.NOFOLLOW_LINKS).equals(owner)) {
                throw new QuireException(
                        QuireError.FILE_ALREADY_EXISTS, place, "there is something that is no socket of ours", null);
            }
            try (SocketChannel answered = SocketChannel.open(UnixDomainSocketAddress.of(place))) {
                throw new InUseException(
                        QuireError.FILE_ACCESS_DENIED, place, "somebody listens there, at " + answered, null);
            } catch (ConnectException nobody) {
                return;
            }
        } catch (NoSuchFileException free) {
            return;
        }
    }

    /**
     * Connects to one.
     *
     * @throws NotFoundException {@code FILE_NOT_FOUND} if there is nothing
     * @throws UnavailableException {@code NOT_INITIALIZED} if nobody listens there
     * @throws QuireException {@code FILE_ACCESS_DENIED}, {@code INVALID_PATH}; {@code FILE_INVALID_TYPE} if it is no
     *     socket; {@code PERMISSION_DENIED} if it is another user's, who could say anything
     */
    public static SocketChannel connect(Path path) {
        Path place = path.toAbsolutePath().normalize();
        if (!Files.exists(place)) {
            String why = Files.isSymbolicLink(place)
                    ? "is a link that leads to no socket: what it leads to does not exist"
                    : "there is no such socket";
            throw new NotFoundException(QuireError.FILE_NOT_FOUND, place, why, null);
        }
        if (place.toString().getBytes(StandardCharsets.UTF_8).length > PATH_BYTES_MAX) {
            throw new QuireException(
                    QuireError.INVALID_PATH, place, "is too long for a socket, bytes max=" + PATH_BYTES_MAX, null);
        }
        try {
            return connected(place);
        } catch (UnsupportedOperationException e) {
            throw unsupported(place, e);
        } catch (ConnectException fault) {
            throw new UnavailableException(
                    QuireError.NOT_INITIALIZED, place, "nobody listens there: " + fault.getMessage(), fault);
        } catch (IOException fault) {
            throw new QuireException(
                    QuireError.FILE_ACCESS_DENIED, place, "cannot be connected to: " + fault.getMessage(), fault);
        }
    }

    private static SocketChannel connected(Path place) throws IOException {
        UserPrincipal self = self();
        if (((Integer) Files.getAttribute(place, "unix:mode") & TYPE_BITS) != TYPE_SOCKET) {
            throw new QuireException(QuireError.FILE_INVALID_TYPE, place, "is no socket", null);
        }
        checkOurs(place, Files.getOwner(place).equals(self));
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(place));
        try {
            checkOurs(place, isOf(self, channel)); // it may have been another one's when that was looked at
            return channel;
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    private static void checkOurs(Path place, boolean ours) {
        if (!ours) {
            throw new QuireException(
                    QuireError.PERMISSION_DENIED, place, "is the socket of another user, who is not believed", null);
        }
    }

    /** Whoever this process is: what it makes is his. */
    private static UserPrincipal self() throws IOException {
        Path made = Files.createTempFile("quire", null);
        try {
            return Files.getOwner(made);
        } finally {
            Files.delete(made);
        }
    }

    private static boolean isOf(UserPrincipal user, SocketChannel peer) throws IOException {
        return !PEERS_HAVE_NAMES || PeerUser.of(peer).equals(user);
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** Waits for the next one who connects; fails when this is closed. */
    public SocketChannel accept() throws IOException {
        return channel.accept();
    }

    /** Whether he is of the user who listens; always if the JDK cannot tell, for then the permissions say so. */
    public boolean isOurs(SocketChannel peer) throws IOException {
        return isOf(owner, peer);
    }

    /** The one who listens, for messages, and so whoever may connect. */
    public String user() {
        return "user " + owner.getName();
    }

    /** Whether it is still there for others to connect to, or to wait for. */
    public boolean isOpen() {
        return channel.isOpen();
    }

    /** Listens no more, and takes the name away, unless it is somebody else's by now. Closing twice does nothing. */
    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try (channel) { // to the end: so long as somebody answers nobody else takes the place
            if (key.equals(key(path))) {
                Files.delete(path);
            }
        } catch (NoSuchFileException gone) {
            return;
        } catch (IOException fault) {
            throw DiskFaults.of(fault, path, "close");
        }
    }

    private static Object key(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    private static QuireException unsupported(Path place, Exception cause) {
        return new QuireException(
                QuireError.INVALID_PARAMETER, place, "this system has no sockets in its file system", cause);
    }
}
