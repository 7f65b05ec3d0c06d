package dev.quire.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes as text and back. */
class EscapesTest {

    @Test
    void whatCanBeSeenMustStay() {
        assertEquals("aé€😀 z", Escapes.text("aé€😀 z".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void whatCannotBeSeenMustBeEscaped() {
        assertEquals("\\x00\\x09\\x0a\\x1b\\x7f\\x5c", Escapes.text(new byte[] {0, 9, 10, 27, 127, '\\'}));
        assertEquals("\\xc2\\x9b", Escapes.text("\u009b".getBytes(StandardCharsets.UTF_8)));
        assertEquals("\\xe2\\x80\\xae", Escapes.text("\u202e".getBytes(StandardCharsets.UTF_8)));
        assertEquals("\\xef\\xbb\\xbf", Escapes.text("\ufeff".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void whatIsNoTextMustBeEscapedByteByByte() {
        assertEquals("\\xc0\\x80", Escapes.text(bytes(0xC0, 0x80)));
        assertEquals("\\xed\\xa0\\x80", Escapes.text(bytes(0xED, 0xA0, 0x80)));
        assertEquals("\\xe0\\x80\\x80", Escapes.text(bytes(0xE0, 0x80, 0x80)));
        assertEquals("\\xf4\\x90\\x80\\x80", Escapes.text(bytes(0xF4, 0x90, 0x80, 0x80)));
        assertEquals("\\xe2\\x82a", Escapes.text(bytes(0xE2, 0x82, 'a')));
        assertEquals("\\xe2\\x82", Escapes.text(bytes(0xE2, 0x82)));
        assertEquals("\\x80\\xff", Escapes.text(bytes(0x80, 0xFF)));
    }

    @Test
    void anyBytesMustComeBack() {
        Random random = new Random(3);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            if (random.nextBoolean()) {
                bytes = ("\\x4" + new String(bytes, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
            }
            assertArrayEquals(bytes, Escapes.parse(Escapes.text(bytes)));
        }
    }

    @Test
    void aReaderMustGiveTheSameWhereverAPieceEnds() throws Exception {
        byte[] bytes = ("x".repeat(65_534) + "€😀é").repeat(3).getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut < 12; cut++) {
            byte[] part = java.util.Arrays.copyOfRange(bytes, cut, bytes.length - cut);
            EscapedReader reader = new EscapedReader(
                    (from, into, at, count) -> System.arraycopy(part, from, into, at, count), part.length);
            StringBuilder text = new StringBuilder();
            char[] some = new char[1000];
            for (int chars = reader.read(some); chars >= 0; chars = reader.read(some)) {
                text.append(some, 0, chars);
            }
            assertEquals(Escapes.text(part), text.toString());
        }
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
