package dev.quire.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * The JSON object of a run, written as its fields become known: a scan may be larger than memory. Whatever happens in
 * between, {@link #finish} leaves an object that parses.
 */
final class JsonReport {

    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
            .build();

    private final OutputStream out;
    private JsonGenerator json;

    JsonReport(OutputStream out) {
        this.out = out;
    }

    /** The generator, inside of the object. */
    JsonGenerator generator() throws IOException {
        if (json == null) {
            json = JSON.createGenerator(out);
            json.writeStartObject();
        }
        return json;
    }

    /** Adds the fields of a report. */
    void add(Report report) throws IOException {
        generator();
        for (Report.Item item : report.items()) {
            json.writeFieldName(item.name());
            value(item.value());
        }
    }

    /** Closes what was left open inside of the object, so that fields can follow. */
    void unwind() throws IOException {
        generator();
        while (!json.getOutputContext().getParent().inRoot()) {
            if (json.getOutputContext().inArray()) {
                json.writeEndArray();
            } else {
                json.writeEndObject();
            }
        }
    }

    /** Ends the object; one is written even if there was nothing to say. What is added then begins another one. */
    void finish() throws IOException {
        unwind();
        json.writeEndObject();
        json.writeRaw('\n');
        json.close();
        json = null;
    }

    private void value(Object value) throws IOException {
        if (value instanceof Report part) {
            json.writeStartObject();
            add(part);
            json.writeEndObject();
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object each : list) {
                value(each);
            }
            json.writeEndArray();
        } else if (value instanceof Long number) {
            json.writeNumber(number);
        } else if (value instanceof Double number) {
            json.writeNumber(number);
        } else if (value instanceof Boolean flag) {
            json.writeBoolean(flag);
        } else {
            json.writeString(String.valueOf(value));
        }
    }
}
