package dev.quire.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.quire.Value;
import dev.quire.io.BytesView;
import java.io.IOException;

/** Where a scan's entries go: a line each, or an object each in the array {@code entries}. */
abstract class Entries {

    /** Takes an entry; {@code value} is null when only keys are wanted. */
    abstract void entry(byte[] key, Value value) throws IOException;

    /** After the last one. */
    abstract void end() throws IOException;

    static Entries to(Output output) throws IOException {
        return output.isJson() ? new Json(output.generator()) : new Text(output);
    }

    /** Has every page of a value verified, so that its bytes can be written in one go. */
    static void touch(Value value) {
        BytesView view = new BytesView();
        for (int part = 0; part < value.parts(); part++) {
            value.part(part, view);
        }
    }

    /** {@code key}, or {@code key TAB value}. */
    private static final class Text extends Entries {

        private static final int PIECE_CHARS = 32 << 10;

        private final Output output;
        private final char[] piece = new char[PIECE_CHARS];

        Text(Output output) {
            this.output = output;
        }

        @Override
        void entry(byte[] key, Value value) throws IOException {
            if (value == null) {
                output.text(Escapes.text(key) + '\n');
                return;
            }
            touch(value);
            output.text(Escapes.text(key) + '\t');
            EscapedReader text = new EscapedReader(value::copy, value.length());
            for (int chars = text.read(piece); chars >= 0; chars = text.read(piece)) {
                output.text(new String(piece, 0, chars));
            }
            output.text("\n");
        }

        @Override
        void end() {
            // nothing: a count would be taken for an entry
        }
    }

    private static final class Json extends Entries {

        private final JsonGenerator json;
        private long count;

        Json(JsonGenerator json) throws IOException {
            this.json = json;
            json.writeArrayFieldStart("entries");
        }

        @Override
        void entry(byte[] key, Value value) throws IOException {
            if (value != null) {
                touch(value);
            }
            json.writeStartObject();
            json.writeStringField("key", Escapes.text(key));
            if (value != null) {
                json.writeNumberField("bytes", value.length());
                json.writeFieldName("value");
                json.writeString(new EscapedReader(value::copy, value.length()), -1);
            }
            json.writeEndObject();
            count++;
        }

        @Override
        void end() throws IOException {
            json.writeEndArray();
            json.writeNumberField("count", count);
        }
    }
}
