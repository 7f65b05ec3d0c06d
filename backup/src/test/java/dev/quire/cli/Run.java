package dev.quire.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One run of the command line in this process, with what it wrote. */
record Run(int code, byte[] out, String err) {

    static Run of(Object... args) {
        return of(new Cancellation(), args);
    }

    static Run of(Cancellation cancellation, Object... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] texts = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            texts[i] = args[i].toString();
        }
        int code = Main.run(out, new PrintStream(err, true, StandardCharsets.UTF_8), false, cancellation, texts);
        return new Run(code, out.toByteArray(), err.toString(StandardCharsets.UTF_8));
    }

    /** A run that must succeed and say nothing on standard error. */
    static Run ok(Object... args) {
        Run run = of(args);
        assertEquals("", run.err());
        assertEquals(0, run.code());
        return run;
    }

    /** A run that must fail with this code, in one line. */
    static Run failing(int code, Object... args) {
        Run run = of(args);
        assertEquals(code, run.code(), run::toString);
        assertTrue(run.err().startsWith("quire: ") && run.err().endsWith("\n"), run::toString);
        assertEquals(1, run.err().lines().count(), run::toString);
        return run;
    }

    String text() {
        return new String(out, StandardCharsets.UTF_8);
    }

    List<String> lines() {
        return text().lines().toList();
    }

    /** Standard output as the one JSON object that it must be. */
    Map<?, ?> json() {
        try (JsonParser json = new JsonFactory().createParser(out)) {
            assertEquals(JsonToken.START_OBJECT, json.nextToken());
            Object object = value(json);
            assertNull(json.nextToken(), "something follows the object");
            return (Map<?, ?>) object;
        } catch (IOException e) {
            throw new AssertionError(text(), e);
        }
    }

    private static Object value(JsonParser json) throws IOException {
        switch (json.currentToken()) {
            case START_OBJECT -> {
                Map<String, Object> map = new LinkedHashMap<>();
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String name = json.currentName();
                    json.nextToken();
                    assertNull(map.put(name, value(json)), () -> "field twice: " + name);
                }
                return map;
            }
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(json));
                }
                return list;
            }
            case VALUE_NUMBER_INT -> {
                return json.getLongValue();
            }
            case VALUE_NUMBER_FLOAT -> {
                return json.getDoubleValue();
            }
            case VALUE_TRUE, VALUE_FALSE -> {
                return json.getBooleanValue();
            }
            default -> {
                return json.getText();
            }
        }
    }

    @Override
    public String toString() {
        return "exit " + code + "\n" + text() + err;
    }
}
