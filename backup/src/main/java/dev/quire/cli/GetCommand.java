package dev.quire.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.quire.Instance;
import dev.quire.ReadTransaction;
import dev.quire.Value;
import java.io.IOException;
import java.io.OutputStream;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Writes one value, its bytes and nothing else. */
@CommandLine.Command(name = "get", description = "Writes the value of a key: its bytes, and nothing else.")
final class GetCommand extends TableCommand {

    private static final int PIECE_BYTES = 256 << 10;

    @Parameters(index = "3", paramLabel = "KEY", description = "The key.")
    private String key;

    @Override
    int run() throws IOException {
        try (Instance opened = open(Instances.existing(instance));
                ReadTransaction tx = opened.beginRead()) {
            byte[] bytes = key(key);
            Value value = tx.table(opened.database(database), table).find(bytes);
            if (value == null) {
                throw noEntry(bytes);
            }
            if (output().isJson()) {
                json(bytes, value);
            } else {
                write(value);
            }
        }
        return ExitCodes.OK;
    }

    /** A piece at a time: the value may be longer than the heap. */
    private void write(Value value) throws IOException {
        OutputStream out = output().bytes();
        byte[] piece = new byte[Math.min(value.length(), PIECE_BYTES)];
        for (int at = 0; at < value.length(); at += piece.length) {
            cancellation().check();
            int bytes = Math.min(piece.length, value.length() - at);
            value.copy(at, piece, 0, bytes);
            out.write(piece, 0, bytes);
        }
    }

    private void json(byte[] keyBytes, Value value) throws IOException {
        Entries.touch(value);
        JsonGenerator json = output().generator();
        json.writeStringField("key", Escapes.text(keyBytes));
        json.writeNumberField("bytes", value.length());
        json.writeFieldName("value");
        json.writeString(new EscapedReader(value::copy, value.length()), -1);
    }
}
