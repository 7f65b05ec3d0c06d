package dev.quire.backup.socket;

import dev.quire.backup.BackupOffer;
import dev.quire.backup.ExternalFile;
import dev.quire.backup.Manifest;
import dev.quire.durable.BackupKind;
import dev.quire.io.LocalSocket;
import dev.quire.io.Progress;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.UnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What an instance in another process offers, behind a socket. */
final class RemoteOffer implements BackupOffer {

    /** Who listens says hello at once. */
    private static final long HELLO_NANOS_MAX = TimeUnit.SECONDS.toNanos(30);

    /** Names, at most: what is longer than that is not judged any further. */
    private static final int NAME_BYTES_MAX = 256;

    private static final int FILES_MAX = 200_000;

    private final Path socket;
    private final Wire wire;
    private final Path home;
    private boolean welcome;

    /** What is asked and answered. */
    private interface Exchange<T> {
        T run() throws IOException;
    }

    private RemoteOffer(SocketChannel channel, Path socket, Progress progress) throws IOException {
        this.socket = socket;
        this.wire = new Wire(channel, socket, idle -> {
            progress.check(Progress.Phase.WAIT);
            if (!welcome && idle > HELLO_NANOS_MAX) {
                throw new UnavailableException(
                        QuireError.NOT_INITIALIZED, socket, "somebody listens there and says nothing", null);
            }
        });
        this.home = call(this::greeted);
    }

    /**
     * Connects, and hears where the instance is.
     *
     * @param progress asked whether to go on while there is something to wait for
     */
    static RemoteOffer connect(Path socket, Progress progress) {
        SocketChannel channel = LocalSocket.connect(socket);
        try {
            return new RemoteOffer(channel, socket, progress);
        } catch (IOException e) {
            close(channel, e);
            throw new UnavailableException(QuireError.NOT_INITIALIZED, socket, "cannot be used: " + e, e);
        } catch (RuntimeException | Error e) {
            close(channel, e);
            throw e;
        }
    }

    private static void close(SocketChannel channel, Throwable fault) {
        try {
            channel.close();
        } catch (IOException e) {
            fault.addSuppressed(e);
        }
    }

    private Path greeted() throws IOException {
        wire.greeted(Wire.VERSION, Wire.VERSION);
        wire.hello(Wire.VERSION, Wire.VERSION);
        expect(Message.WELCOME);
        welcome = true;
        return path(wire.text(0, wire.payload().limit()));
    }

    private Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw wire.violation("says that the instance is at " + text);
        }
    }

    @Override
    public Path home() {
        return home;
    }

    @Override
    public Begun begin(BackupKind kind, String label, Path place, List<Manifest> stored) {
        return call(() -> {
            for (Manifest each : stored) {
                send(each.toJson().getBytes(StandardCharsets.UTF_8));
            }
            byte[] words = label.getBytes(StandardCharsets.UTF_8);
            byte[] where = place.toString().getBytes(StandardCharsets.UTF_8);
            wire.begin(BeginLayout.LABEL_OFFSET + words.length + where.length)
                    .putInt(BeginLayout.code(kind))
                    .putInt(words.length)
                    .put(words)
                    .put(where);
            wire.end(Message.BEGIN);
            expect(Message.BEGUN);
            ByteBuffer begun = wire.payload(Message.BEGUN, BegunLayout.BEGUN_BYTES, BegunLayout.BEGUN_BYTES);
            String id = wire.text(BegunLayout.ID_OFFSET, BegunLayout.ID_BYTES);
            long room = begun.getLong(BegunLayout.ROOM_BYTES_OFFSET);
            int late = begun.getInt(BegunLayout.MADE_UP_OFFSET);
            if (!id.matches("[0-9a-f]{16}") || room < 0 || late < 0 || late > stored.size()) {
                throw wire.violation("says what cannot be: id=" + id + " room=" + room + " made up=" + late);
            }
            return new Begun(id, begun.getInt(BegunLayout.OF_SAME_OFFSET) == 1, late, room);
        });
    }

    private void send(byte[] manifest) throws IOException {
        for (int at = 0; at < manifest.length; at += FrameLayout.PAYLOAD_BYTES_MAX) {
            int piece = Math.min(FrameLayout.PAYLOAD_BYTES_MAX, manifest.length - at);
            wire.begin(piece).put(manifest, at, piece);
            wire.end(at + piece == manifest.length ? Message.STORED_END : Message.STORED_PIECE);
        }
    }

    @Override
    public List<ExternalFile> databases() {
        return files(Message.DATABASES);
    }

    @Override
    public List<ExternalFile> logFiles() {
        return files(Message.LOG_FILES);
    }

    private List<ExternalFile> files(Message question) {
        return call(() -> {
            wire.send(question);
            List<ExternalFile> files = new ArrayList<>();
            while (expect(Message.FILE, Message.DONE) == Message.FILE) {
                if (files.size() == FILES_MAX) {
                    throw wire.violation("names more files than can be, max=" + FILES_MAX);
                }
                files.add(file());
            }
            return files;
        });
    }

    private ExternalFile file() {
        ByteBuffer file =
                wire.payload(Message.FILE, FileLayout.NAME_OFFSET + 1, FileLayout.NAME_OFFSET + NAME_BYTES_MAX);
        String name = wire.text(FileLayout.NAME_OFFSET, file.limit() - FileLayout.NAME_OFFSET);
        return new ExternalFile(name, file.getLong(FileLayout.BYTES_OFFSET), file.getInt(FileLayout.UNIT_OFFSET));
    }

    @Override
    public void read(String name, Target target) {
        call(() -> {
            wire.send(Message.READ, name.getBytes(StandardCharsets.UTF_8));
            while (true) {
                switch (expect(Message.DATA, Message.ZEROS, Message.DONE)) {
                    case DATA -> target.bytes(wire.payload());
                    case ZEROS -> target.zeros(count(Message.ZEROS));
                    default -> {
                        return null;
                    }
                }
            }
        });
    }

    private long count(Message message) {
        return wire.payload(message, CountLayout.COUNT_BYTES, CountLayout.COUNT_BYTES)
                .getLong(CountLayout.COUNT_OFFSET);
    }

    @Override
    public void stay() {
        call(() -> {
            wire.send(Message.STAY);
            return expect(Message.DONE);
        });
    }

    @Override
    public void truncate() {
        call(() -> {
            wire.send(Message.TRUNCATE);
            return expect(Message.DONE);
        });
    }

    @Override
    public ExternalFile manifest() {
        List<ExternalFile> files = files(Message.MANIFEST);
        if (files.size() != 1) {
            throw wire.violation("names manifests=" + files.size());
        }
        return files.get(0);
    }

    @Override
    public int end() {
        return call(() -> {
            wire.send(Message.END);
            expect(Message.DONE);
            return (int) Math.min(Integer.MAX_VALUE, Math.max(0, count(Message.DONE)));
        });
    }

    /** Who has not ended it gives it up by that. */
    @Override
    public void close() {
        try {
            wire.close();
        } catch (IOException e) {
            throw lost(e);
        }
    }

    private Message expect(Message... allowed) throws IOException {
        return judged(wire.receive(), allowed);
    }

    private Message judged(Message message, Message... allowed) {
        if (message == Message.FAILURE) {
            throw Failure.received(wire);
        }
        if (!List.of(allowed).contains(message)) {
            throw wire.violation("says " + message + ", expected " + List.of(allowed));
        }
        return message;
    }

    private <T> T call(Exchange<T> exchange) {
        try {
            return exchange.run();
        } catch (IOException e) {
            throw lost(e);
        }
    }

    /** Before the other side ended the connection it may have said why. */
    private QuireException lost(IOException fault) {
        try {
            if (wire.next() == Message.FAILURE) {
                return Failure.received(wire);
            }
        } catch (IOException | QuireException e) {
            fault.addSuppressed(e);
        }
        return new UnavailableException(
                QuireError.BACKUP_ABORT_BY_SERVER, socket, "the connection is lost: " + fault, fault);
    }
}
