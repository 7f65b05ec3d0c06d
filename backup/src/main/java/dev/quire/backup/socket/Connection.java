package dev.quire.backup.socket;

import dev.quire.backup.BackupOffer;
import dev.quire.backup.ExternalFile;
import dev.quire.backup.LocalOffer;
import dev.quire.backup.Manifest;
import dev.quire.durable.BackupKind;
import dev.quire.io.CancelledException;
import dev.quire.io.Events;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.UnavailableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The side that offers, of one connection: answers one question after the other on a thread of its own, until the other
 * side goes, is silent for too long, says what cannot be, or the instance wants the backup to end. Whichever it is, the
 * backup is over then, unless its end had begun; and nothing of the instance was held meanwhile.
 */
final class Connection implements Runnable {

    private static final System.Logger LOG = System.getLogger(Events.LOGGER);
    private static final long TELL_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);
    private static final int MANIFEST_BYTES_MAX = 16 << 20;

    /** Of a whole set, with the room that is left for the last backup of it. */
    private static final int GENERATIONS_MAX = 1_000_000;

    private static final int MANIFESTS_MAX = 65_537;
    private static final Path STORED = Path.of("stored");

    private final SocketChannel channel;
    private final Path socket;
    private final String who;
    private final LocalOffer offer;
    private final long idleNanosMax;
    private final List<Manifest> stored = new ArrayList<>();
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private long generations;
    private Wire wire;
    private boolean telling;

    /** Over a channel that it closes, with an offer that it closes; {@code who} is there, for messages. */
    Connection(SocketChannel channel, Path socket, String who, LocalOffer offer, long idleNanosMax) {
        this.channel = channel;
        this.socket = socket;
        this.who = who;
        this.offer = offer;
        this.idleNanosMax = idleNanosMax;
    }

    @Override
    public void run() {
        try (channel;
                offer;
                Wire opened = new Wire(channel, socket, this::check)) {
            wire = opened;
            wire.hello(Wire.VERSION, Wire.VERSION);
            wire.greeted(Wire.VERSION, Wire.VERSION);
            answerAll();
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, "a connection is lost", gone);
        } catch (QuireException e) {
            LOG.log(Level.WARNING, "a connection of " + who + " has ended: " + e.getMessage(), isOfPeer(e) ? null : e);
        } catch (RuntimeException | Error e) { // nobody is there who could be told
            LOG.log(Level.WARNING, "a connection has ended", e);
        }
    }

    /** Whether he has brought it about, and can as often as he likes: of that one line is enough. */
    private static boolean isOfPeer(QuireException e) {
        boolean alone = e.getCause() == null && e.getSuppressed().length == 0;
        return alone
                && (e instanceof CancelledException
                        || e.error() == QuireError.INVALID_PARAMETER
                        || e.error() == QuireError.NO_BACKUP);
    }

    private void answerAll() throws IOException {
        try {
            wire.send(Message.WELCOME, offer.home().toString().getBytes(StandardCharsets.UTF_8));
            while (true) {
                answer(wire.receive());
            }
        } catch (QuireException e) {
            tell(e);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (RuntimeException | Error e) {
            tell(new UnavailableException(QuireError.INSTANCE_UNAVAILABLE, null, "unexpected: " + e, e));
        }
    }

    private void answer(Message question) throws IOException {
        switch (question) {
            case STORED_PIECE -> stored(false);
            case STORED_END -> stored(true);
            case BEGIN -> begin();
            case DATABASES -> files(offer.databases());
            case LOG_FILES -> files(offer.logFiles());
            case READ -> read(wire.text(0, wire.payload().limit()));
            case TRUNCATE -> {
                offer.truncate();
                wire.send(Message.DONE, 0);
            }
            case MANIFEST -> files(List.of(offer.manifest()));
            case END -> wire.send(Message.DONE, offer.end());
            case STAY -> {
                offer.stay();
                wire.send(Message.DONE, 0);
            }
            default -> throw wire.violation("nobody asks for " + question);
        }
    }

    private void stored(boolean last) {
        ByteBuffer piece = wire.payload();
        if (text.size() + piece.remaining() > MANIFEST_BYTES_MAX || stored.size() == MANIFESTS_MAX) {
            throw wire.violation("manifests=" + stored.size() + ", this one longer than bytes=" + text.size());
        }
        byte[] bytes = new byte[piece.remaining()];
        piece.get(bytes);
        text.writeBytes(bytes);
        if (last) {
            Manifest manifest = Manifest.of(STORED, text.toByteArray());
            text.reset();
            generations += manifest.generations().size();
            if (manifest.kind().hasPages() != stored.isEmpty()) { // what has pages may be long, and there is one of it
                throw wire.violation("manifest " + stored.size() + " of the set is of kind="
                        + manifest.kind().word());
            }
            if (generations > GENERATIONS_MAX) {
                throw wire.violation("generations of the set=" + generations + " max=" + GENERATIONS_MAX);
            }
            stored.add(manifest);
        }
    }

    private void begin() throws IOException {
        ByteBuffer asked = wire.payload(Message.BEGIN, BeginLayout.LABEL_OFFSET, FrameLayout.PAYLOAD_BYTES_MAX);
        BackupKind kind = BeginLayout.kind(asked.getInt(BeginLayout.KIND_OFFSET));
        int labelBytes = asked.getInt(BeginLayout.LABEL_BYTES_OFFSET);
        if (kind == null || offer.hasBegun()) {
            throw wire.violation("kind=" + asked.getInt(BeginLayout.KIND_OFFSET) + ", begun=" + offer.hasBegun());
        }
        String label = wire.text(BeginLayout.LABEL_OFFSET, labelBytes);
        int from = BeginLayout.LABEL_OFFSET + labelBytes;
        BackupOffer.Begun begun = offer.begin(kind, label, place(wire.text(from, asked.limit() - from)), stored);
        stored.clear();
        wire.begin(BegunLayout.BEGUN_BYTES)
                .putLong(begun.roomBytes())
                .putInt(begun.ofSame() ? 1 : 0)
                .putInt(begun.madeUp())
                .put(begun.id().getBytes(StandardCharsets.US_ASCII));
        wire.end(Message.BEGUN);
    }

    private static Path place(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            return STORED;
        }
    }

    private void files(List<ExternalFile> files) throws IOException {
        for (ExternalFile file : files) {
            byte[] name = file.name().getBytes(StandardCharsets.UTF_8);
            wire.begin(FileLayout.NAME_OFFSET + name.length)
                    .putLong(file.bytes())
                    .putInt(file.unitBytes())
                    .put(name);
            wire.end(Message.FILE);
        }
        wire.send(Message.DONE, 0);
    }

    private void read(String name) throws IOException {
        offer.read(name, new BackupOffer.Target() {
            @Override
            public void zeros(long bytes) {
                try {
                    wire.send(Message.ZEROS, bytes);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public void bytes(ByteBuffer bytes) {
                try {
                    wire.begin(bytes.remaining()).put(bytes);
                    wire.end(Message.DATA);
                    wire.flush();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        wire.send(Message.DONE, 0);
    }

    /** Asked while there is something to wait for. */
    private void check(long idleNanos) {
        if (telling) {
            if (idleNanos > TELL_NANOS_MAX) {
                throw new UnavailableException(QuireError.NO_BACKUP, socket, "nobody listens", null);
            }
        } else if (offer.isOver()) {
            throw new CancelledException(
                    QuireError.BACKUP_ABORT_BY_SERVER, offer.home(), "the instance has ended the backup", null);
        } else if (idleNanos > idleNanosMax) {
            throw new CancelledException(
                    QuireError.BACKUP_ABORT_BY_SERVER, offer.home(), "nothing was asked or taken for too long", null);
        }
    }

    /** The last thing that is said, unless the one before has left in part: then to go says it. */
    private void tell(QuireException why) throws IOException {
        offer.close(); // who hears of it may come again at once
        if (wire.isWhole()) {
            telling = true;
            Failure.send(wire, why);
            wire.flush();
        }
    }
}
