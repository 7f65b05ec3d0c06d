package dev.quire.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Lists batches and records, a line or an object each, as they are read: there may be millions. */
final class RecordLines implements LogDecoder.Visitor {

    private final Output output;
    private final JsonGenerator json;
    private final boolean list;
    private boolean inBatch;

    /** {@code list}: whether anything is wanted at all. */
    RecordLines(Output output, boolean list) throws IOException {
        this.output = output;
        this.list = list;
        this.json = output.isJson() && list ? output.generator() : null;
        if (json != null) {
            json.writeArrayFieldStart("listed");
        }
    }

    @Override
    public void batch(long lsn, int bytes, int records, long forced) {
        if (!list) {
            return;
        }
        Report report = new Report().position("batch", lsn).add("bytes", bytes).add("records", records);
        report.position("forced", forced);
        try {
            if (json == null) {
                output.text("batch " + RecordText.line(report).strip() + '\n');
            } else {
                endBatch();
                json.writeStartObject();
                output.fields(report);
                json.writeArrayFieldStart("content");
                inBatch = true;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void record(long lsn, int type, RawBytes batch, int offset, int length) {
        if (!list) {
            return;
        }
        Report report = RecordText.of(lsn, type, batch, offset, length);
        try {
            if (json == null) {
                output.text(RecordText.line(report));
            } else {
                json.writeStartObject();
                output.fields(report);
                json.writeEndObject();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** After the last record. */
    void end() throws IOException {
        if (json != null) {
            endBatch();
            json.writeEndArray();
        }
    }

    private void endBatch() throws IOException {
        if (inBatch) {
            json.writeEndArray();
            json.writeEndObject();
            inBatch = false;
        }
    }
}
