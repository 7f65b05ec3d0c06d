package dev.quire.cli;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Bytes as text that a terminal cannot take for a command: UTF-8 where it is UTF-8 and can be seen, {@code \xNN} for
 * every
 * other byte and for the backslash itself. So the same bytes always give the same text, whatever the platform, and
 * {@link #parse} gives the bytes back.
 */
final class Escapes {

    private static final String DIGITS = "0123456789abcdef";
    private static final int HEX = 16;
    private static final int ESCAPE_CHARS = 4;
    private static final int CONTINUATION_BITS = 6;

    /** The least code point of a sequence of that many bytes: below it the sequence is too long. */
    private static final int[] LEAST = {0, 0, 0x80, 0x800, 0x10000};

    private Escapes() {}

    /** A whole array. */
    static String text(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        append(bytes, bytes.length, true, text);
        return text.toString();
    }

    /** A message as one line: what cannot be seen is escaped, a backslash stays. */
    static String line(String message) {
        StringBuilder line = new StringBuilder(message.length());
        message.codePoints().forEach(c -> {
            if (isVisible(c)) {
                line.appendCodePoint(c);
            } else if (c == '\n' || c == '\r' || c == '\t') {
                line.append(' ');
            } else {
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    escape(b, line);
                }
            }
        });
        return line.toString();
    }

    /**
     * Appends {@code count} bytes.
     *
     * @param last whether nothing follows; otherwise a sequence that is not complete is left for the next call
     * @return how many bytes were taken
     */
    static int append(byte[] bytes, int count, boolean last, StringBuilder into) {
        int at = 0;
        while (at < count) {
            int length = sequence(bytes[at]);
            if (at + length > count && !last && couldContinue(bytes, at, count)) {
                return at;
            }
            int c = at + length <= count ? codePoint(bytes, at, length) : -1;
            if (c >= 0 && c != '\\' && isVisible(c)) {
                into.appendCodePoint(c);
                at += length;
            } else {
                escape(bytes[at++], into);
            }
        }
        return at;
    }

    /** The bytes that {@link #text} made into this; what is no escape stands for its own UTF-8. */
    static byte[] parse(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int at = 0;
        while (at < text.length()) {
            if (isEscape(text, at)) {
                bytes.write(Integer.parseInt(text.substring(at + 2, at + ESCAPE_CHARS), HEX));
                at += ESCAPE_CHARS;
            } else {
                int c = text.codePointAt(at);
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
                at += Character.charCount(c);
            }
        }
        return bytes.toByteArray();
    }

    private static boolean isEscape(String text, int at) {
        return text.startsWith("\\x", at)
                && at + ESCAPE_CHARS <= text.length()
                && Character.digit(text.charAt(at + 2), HEX) >= 0
                && Character.digit(text.charAt(at + 3), HEX) >= 0;
    }

    private static void escape(byte b, StringBuilder into) {
        into.append("\\x").append(DIGITS.charAt((b & 0xFF) / HEX)).append(DIGITS.charAt((b & 0xFF) % HEX));
    }

    /** Bytes of the sequence that this one would begin; 1 also for one that begins none. */
    private static int sequence(byte lead) {
        int b = lead & 0xFF;
        if (b < 0xC2 || b > 0xF4) {
            return 1;
        }
        return b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
    }

    private static boolean couldContinue(byte[] bytes, int at, int count) {
        for (int i = at + 1; i < count; i++) {
            if ((bytes[i] & 0xC0) != 0x80) {
                return false;
            }
        }
        return true;
    }

    /** The code point of these bytes, -1 if they are none. */
    private static int codePoint(byte[] bytes, int at, int length) {
        if (length == 1) {
            return bytes[at] >= 0 ? bytes[at] : -1;
        }
        int c = bytes[at] & 0x7F >> length;
        for (int i = 1; i < length; i++) {
            if ((bytes[at + i] & 0xC0) != 0x80) {
                return -1;
            }
            c = c << CONTINUATION_BITS | bytes[at + i] & 0x3F;
        }
        boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
        return c < LEAST[length] || c > Character.MAX_CODE_POINT || surrogate ? -1 : c;
    }

    /**
     * Whether a code point may be printed. The tables of the platform are not asked: they grow from release to release.
     * Left out are controls, separators of lines, marks that turn the direction of text, and what can never be a
     * character.
     */
    private static boolean isVisible(int c) {
        boolean control = c < 0x20 || c >= 0x7F && c < 0xA0;
        boolean separator = c >= 0x2028 && c <= 0x202E || c == 0xFEFF;
        boolean direction = c >= 0x200B && c <= 0x200F || c >= 0x2060 && c <= 0x206F || c == 0x061C;
        boolean tag = c >= 0xE0000 && c <= 0xE0FFF;
        boolean lost = c == 0xFFFD; // stands for what it was made of; on a command line it is taken for that
        boolean none = (c & 0xFFFE) == 0xFFFE || c >= 0xFDD0 && c <= 0xFDEF;
        return !control && !separator && !direction && !tag && !lost && !none;
    }
}
