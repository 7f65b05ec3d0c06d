package dev.quire.backup.socket;

import dev.quire.io.CancelledException;
import dev.quire.io.CorruptionException;
import dev.quire.io.InUseException;
import dev.quire.io.LimitException;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.StorageFaultException;
import dev.quire.io.StorageFullException;
import dev.quire.io.UnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;

/** An exception on its way to the other side, where it is thrown as it would have been here. */
final class Failure {

    private static final int TEXT_BYTES_MAX = 64 << 10;

    private Failure() {}

    static void send(Wire wire, QuireException thrown) throws IOException {
        String place = thrown.file().map(Path::toString).orElse("");
        String text = String.valueOf(thrown.getMessage());
        QuireError error = thrown.error();
        String end = " [" + error + ' ' + error.number() + ']' + (place.isEmpty() ? "" : " " + place);
        byte[] file = cut(place);
        byte[] said = cut(text.endsWith(end) ? text.substring(0, text.length() - end.length()) : text);
        wire.begin(FailureLayout.FILE_OFFSET + file.length + said.length)
                .putInt(error.number())
                .putInt(kind(thrown))
                .putInt(file.length)
                .put(file)
                .put(said);
        wire.end(Message.FAILURE);
    }

    /** The beginning of a text that is too long; no path is. */
    private static byte[] cut(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= TEXT_BYTES_MAX
                ? bytes
                : new String(Arrays.copyOf(bytes, TEXT_BYTES_MAX), StandardCharsets.UTF_8)
                        .replace("\uFFFD", "")
                        .getBytes(StandardCharsets.UTF_8);
    }

    /** The exception in the message that was received last. */
    static QuireException received(Wire wire) {
        ByteBuffer payload = wire.payload(Message.FAILURE, FailureLayout.FILE_OFFSET, FrameLayout.PAYLOAD_BYTES_MAX);
        int number = payload.getInt(FailureLayout.NUMBER_OFFSET);
        int fileBytes = payload.getInt(FailureLayout.FILE_BYTES_OFFSET);
        String place = wire.text(FailureLayout.FILE_OFFSET, fileBytes);
        int from = FailureLayout.FILE_OFFSET + fileBytes;
        String text = wire.text(from, payload.limit() - from);
        QuireError error = Arrays.stream(QuireError.values())
                .filter(each -> each.number() == number)
                .findAny()
                .orElse(null);
        if (error == null) {
            return wire.violation("the other side has met an error that is not known here, " + number + ": " + text);
        }
        return exception(payload.getInt(FailureLayout.KIND_OFFSET), error, path(place), text);
    }

    private static Path path(String place) {
        try {
            return place.isEmpty() ? null : Path.of(place);
        } catch (InvalidPathException e) {
            return null;
        }
    }

    private static int kind(QuireException thrown) {
        if (thrown instanceof CancelledException) {
            return FailureLayout.KIND_CANCELLED;
        } else if (thrown instanceof CorruptionException) {
            return FailureLayout.KIND_CORRUPTION;
        } else if (thrown instanceof InUseException) {
            return FailureLayout.KIND_IN_USE;
        } else if (thrown instanceof LimitException) {
            return FailureLayout.KIND_LIMIT;
        } else if (thrown instanceof NotFoundException) {
            return FailureLayout.KIND_NOT_FOUND;
        } else if (thrown instanceof StorageFaultException) {
            return FailureLayout.KIND_STORAGE_FAULT;
        } else if (thrown instanceof StorageFullException) {
            return FailureLayout.KIND_STORAGE_FULL;
        }
        return thrown instanceof UnavailableException ? FailureLayout.KIND_UNAVAILABLE : FailureLayout.KIND_OTHER;
    }

    private static QuireException exception(int kind, QuireError error, Path file, String text) {
        return switch (kind) {
            case FailureLayout.KIND_CANCELLED -> new CancelledException(error, file, text, null);
            case FailureLayout.KIND_CORRUPTION -> new CorruptionException(error, file, text, null);
            case FailureLayout.KIND_IN_USE -> new InUseException(error, file, text, null);
            case FailureLayout.KIND_LIMIT -> new LimitException(error, file, text, null);
            case FailureLayout.KIND_NOT_FOUND -> new NotFoundException(error, file, text, null);
            case FailureLayout.KIND_STORAGE_FAULT -> new StorageFaultException(error, file, text, null);
            case FailureLayout.KIND_STORAGE_FULL -> new StorageFullException(error, file, text, null);
            case FailureLayout.KIND_UNAVAILABLE -> new UnavailableException(error, file, text, null);
            default -> new QuireException(error, file, text, null);
        };
    }
}
