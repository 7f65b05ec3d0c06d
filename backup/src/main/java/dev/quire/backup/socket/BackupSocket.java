package dev.quire.backup.socket;

import dev.quire.Instance;
import dev.quire.backup.BackupReport;
import dev.quire.backup.BackupRequest;
import dev.quire.backup.LocalOffer;
import dev.quire.backup.PulledBackup;
import dev.quire.durable.EngineThreads;
import dev.quire.io.FileStorage;
import dev.quire.io.LimitException;
import dev.quire.io.LocalSocket;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.UnavailableException;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A socket in the file system behind which an instance answers: a second process takes backups of it, of any kind,
 * while it is open here.
 *
 * <pre>{@code
 * try (Instance instance = Instance.open(directory);
 *         BackupSocket socket = BackupSocket.listen(instance, Path.of("/run/me/quire.sock"))) {
 *     ...
 * }
 *
 * BackupSocket.backup(Path.of("/run/me/quire.sock"), BackupRequest.of(BackupKind.FULL).to(directory).conclude());
 * }</pre>
 *
 * <p>Only the user of this process can connect. Who speaks something else, or no version of the protocol that is known
 * here, costs a line in the log of the system. Who connects and does not go on costs a thread and a megabyte, and the
 * log that his backup keeps; neither commits nor checkpoints wait for him, and when his lease is over the backup is
 * ended. To close the instance is refused while a backup runs, as ever, or ends it ({@link
 * Instance#closeStoppingBackup}); when it is closed whoever asks is told so. Any thread.
 */
public final class BackupSocket implements AutoCloseable {

    private static final Duration LEASE = Duration.ofMinutes(5);
    private static final int CONNECTIONS_MAX = 16;
    private static final int PAUSE_MS = 100;

    private final Instance instance;
    private final LocalSocket socket;
    private final Duration lease;
    private final Thread acceptor;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Thread, SocketChannel> connections = new HashMap<>();
    private boolean closed;

    private BackupSocket(Instance instance, LocalSocket socket, Duration lease) {
        this.instance = instance;
        this.socket = socket;
        this.lease = lease;
        this.acceptor = new Thread(this::acceptAll, "quire-socket");
        this.acceptor.setDaemon(true);
    }

    /**
     * Listens.
     *
     * @param path where the socket is made: in an existing directory, in whose name and its own are about 80 bytes at
     *     most; what a process that has ended left there is replaced
     * @throws QuireException {@code INVALID_PATH}, {@code FILE_ALREADY_EXISTS} if there is something else; {@code
     *     FILE_ACCESS_DENIED} if somebody listens there, {@code SYSTEM_PATH_IN_USE} if somebody else is about to;
     *     {@code FILE_INVALID_TYPE} if something is where its lock is to be, {@code .lock} behind its name; {@code
     *     INVALID_PARAMETER} if the system has no such sockets, or no owners of files
     */
    public static BackupSocket listen(Instance instance, Path path) {
        return listen(instance, path, LEASE);
    }

    /** The same with another lease: how long nobody may ask or take before his backup is over. */
    static BackupSocket listen(Instance instance, Path path, Duration lease) {
        BackupSocket listening = new BackupSocket(instance, LocalSocket.listen(path), lease);
        listening.acceptor.start();
        return listening;
    }

    /**
     * Takes a backup of the instance behind a socket, and stores it as {@link dev.quire.backup.Backup#run} does.
     *
     * @throws QuireException as that does, whatever side meets it; {@code FILE_NOT_FOUND} if there is no such socket,
     *     {@code NOT_INITIALIZED} if nobody listens there; {@code INVALID_PARAMETER} if who listens speaks something
     *     else, or no version that is known here; {@code PERMISSION_DENIED} if it is somebody else's; {@code
     *     BACKUP_ABORT_BY_SERVER} also if the connection is lost
     */
    public static BackupReport backup(Path socket, BackupRequest request) {
        return PulledBackup.run(() -> RemoteOffer.connect(socket, request.progress()), FileStorage.instance(), request);
    }

    /** Where it is. */
    public Path path() {
        return socket.path();
    }

    /** Takes the socket away and ends all connections; returns when nobody behind them is at the instance any more. */
    @Override
    public void close() {
        try {
            socket.close();
        } finally { // a name that cannot be taken away keeps nobody at the instance
            closeConnections();
        }
    }

    private void closeConnections() {
        List<Thread> open;
        lock.lock();
        try {
            closed = true;
            open = List.copyOf(connections.keySet());
            connections.values().forEach(BackupSocket::close);
        } finally {
            lock.unlock();
        }
        EngineThreads.join(acceptor);
        open.forEach(EngineThreads::join);
    }

    private void acceptAll() {
        while (socket.isOpen()) {
            try {
                accepted(socket.accept());
            } catch (IOException e) { // closed, or there are too many open files at the moment
                pause();
            }
        }
    }

    private void accepted(SocketChannel channel) {
        try {
            if (!socket.isOurs(channel)) {
                refuse(
                        channel,
                        new QuireException(
                                QuireError.PERMISSION_DENIED,
                                path(),
                                "only the user who has the instance open may",
                                null));
            } else if (!serve(channel)) {
                refuse(
                        channel,
                        new LimitException(
                                QuireError.OUT_OF_MEMORY, path(), "connections max=" + CONNECTIONS_MAX, null));
            }
        } catch (IOException | RuntimeException | Error e) {
            close(channel);
        }
    }

    /** Whether there is room for him. */
    private boolean serve(SocketChannel channel) {
        Connection connection =
                new Connection(channel, path(), socket.user(), new LocalOffer(instance, lease), lease.toNanos());
        Thread thread = new Thread(
                () -> {
                    try {
                        connection.run();
                    } finally {
                        left();
                    }
                },
                "quire-socket-connection");
        thread.setDaemon(true);
        lock.lock();
        try {
            if (closed || connections.size() == CONNECTIONS_MAX) {
                return false;
            }
            thread.start(); // there may be no thread to be had; one that is leaves behind us
            connections.put(thread, channel);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void left() {
        lock.lock();
        try {
            connections.remove(Thread.currentThread());
        } finally {
            lock.unlock();
        }
    }

    /** Tells why, if that fits into what the system keeps for him: nobody waits here. */
    private void refuse(SocketChannel channel, QuireException why) throws IOException {
        try (channel;
                Wire wire = new Wire(channel, path(), idle -> {
                    throw why;
                })) {
            wire.hello(Wire.VERSION, Wire.VERSION);
            Failure.send(wire, why);
            wire.flush();
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UnavailableException(QuireError.DISK_IO, null, "a connection cannot be closed: " + e, e);
        }
    }

    private static void pause() {
        EngineThreads.pause(PAUSE_MS);
    }
}
