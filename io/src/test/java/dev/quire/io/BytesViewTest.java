package dev.quire.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.agrona.AsciiNumberFormatException;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BytesViewTest {

    private static final int OFFSET = 24;
    private static final int LENGTH = 64;

    private final ByteBuffer base = ByteBuffer.allocateDirect(128).order(ByteOrder.LITTLE_ENDIAN);
    private final BytesView view = new BytesView();
    private final MutableBytesView mutable = new MutableBytesView();

    BytesViewTest() {
        view.point(base, OFFSET, LENGTH);
        mutable.point(base, OFFSET, LENGTH);
    }

    @Test
    @DisplayName("a number must be little-endian in the base and come back as it went in")
    void numbersRoundTrip() {
        mutable.putLong(0, 0x0102030405060708L);
        assertEquals(8, base.get(OFFSET));
        assertEquals(0x0102030405060708L, view.getLong(0));
        mutable.putInt(8, -5);
        mutable.putShort(12, (short) -6);
        mutable.putChar(14, 'Q');
        mutable.putByte(16, (byte) -7);
        mutable.putFloat(20, 1.5f);
        mutable.putDouble(24, -2.25);
        assertEquals(-5, view.getInt(8));
        assertEquals(-6, view.getShort(12));
        assertEquals('Q', view.getChar(14));
        assertEquals(-7, view.getByte(16));
        assertEquals(1.5f, view.getFloat(20));
        assertEquals(-2.25, view.getDouble(24));
    }

    @Test
    @DisplayName("a given byte order must be honoured by every number")
    void orderIsHonoured() {
        ByteOrder big = ByteOrder.BIG_ENDIAN;
        mutable.putLong(0, 0x0102030405060708L, big);
        assertEquals(1, base.get(OFFSET));
        assertEquals(0x0102030405060708L, view.getLong(0, big));
        assertEquals(0x0807060504030201L, view.getLong(0, ByteOrder.LITTLE_ENDIAN));
        mutable.putInt(8, 77, big);
        mutable.putShort(12, (short) 78, big);
        mutable.putChar(14, 'R', big);
        mutable.putFloat(16, 2.5f, big);
        mutable.putDouble(24, 3.5, big);
        assertEquals(77, view.getInt(8, big));
        assertEquals(78, view.getShort(12, big));
        assertEquals('R', view.getChar(14, big));
        assertEquals(2.5f, view.getFloat(16, big));
        assertEquals(3.5, view.getDouble(24, big));
        assertEquals(77 << 24, view.getInt(8));
    }

    @Test
    @DisplayName("an index must be checked against the view, not against its base")
    void indexIsChecked() {
        List<Runnable> outside = List.of(
                () -> view.getByte(LENGTH),
                () -> view.getByte(-1),
                () -> view.getShort(LENGTH - 1),
                () -> view.getInt(LENGTH - 3),
                () -> view.getLong(LENGTH - 7),
                () -> view.getLong(Integer.MAX_VALUE),
                () -> view.getBytes(LENGTH - 3, new byte[4]),
                () -> view.getStringWithoutLengthAscii(60, 5),
                () -> view.getStringWithoutLengthUtf8(0, -1),
                () -> view.checkLimit(LENGTH + 1),
                () -> view.boundsCheck(1, LENGTH),
                () -> mutable.putLong(LENGTH - 7, 1),
                () -> mutable.putByte(-1, (byte) 1),
                () -> mutable.setMemory(60, 5, (byte) 1),
                () -> mutable.putBytes(60, new byte[5]),
                () -> mutable.putStringAscii(58, "abc"),
                () -> mutable.putStringUtf8(58, "abc"));
        outside.forEach(access -> assertThrows(IndexOutOfBoundsException.class, access::run));
        view.checkLimit(LENGTH);
        view.boundsCheck(LENGTH, 0);
        assertEquals(ByteBuffer.allocate(128), base, "a refused write must write nothing");
    }

    @Test
    @DisplayName("every method of a revoked view must fail, whatever it is given")
    void revokedViewFails() throws IllegalAccessException {
        mutable.revoke();
        assertFalse(mutable.isLive());
        List<String> survived = new ArrayList<>();
        for (Method method : MutableDirectBuffer.class.getMethods()) {
            boolean works = List.of("isExpandable", "compareTo").contains(method.getName());
            if (!works && !failsWith(IllegalStateException.class, mutable, method)) {
                survived.add(method.toString());
            }
        }
        survived.removeIf(name -> name.matches(".*(wrap|wrapAdjustment|byteArray|byteBuffer|addressOffset)\\(.*"));
        assertEquals(List.of(), survived);
        assertThrows(IllegalStateException.class, () -> mutable.compareTo(view));
        assertThrows(IllegalStateException.class, mutable::asReadOnlyByteBuffer);
    }

    @Test
    @DisplayName("whatever gives away or replaces the memory must be refused")
    void memoryIsNotGivenAway() throws IllegalAccessException {
        for (Method method : MutableDirectBuffer.class.getMethods()) {
            if (method.getName().matches("wrap|wrapAdjustment|byteArray|byteBuffer|addressOffset")) {
                assertTrue(failsWith(UnsupportedOperationException.class, mutable, method), method.toString());
            }
        }
    }

    private static boolean failsWith(Class<?> expected, Object target, Method method) throws IllegalAccessException {
        Object[] arguments = new Object[method.getParameterCount()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = argument(method.getParameterTypes()[i]);
        }
        try {
            method.invoke(target, arguments);
            return false;
        } catch (InvocationTargetException failure) {
            return expected.isInstance(failure.getCause());
        }
    }

    private static Object argument(Class<?> type) {
        if (type == DirectBuffer.class || type == MutableDirectBuffer.class) {
            MutableBytesView other = new MutableBytesView();
            other.point(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN), 0, 8);
            return other;
        }
        return List.<Object>of(
                        1,
                        1L,
                        (byte) 1,
                        (short) 1,
                        'c',
                        0f,
                        0d,
                        new byte[2],
                        ByteBuffer.allocate(8),
                        "1",
                        new StringBuilder(),
                        ByteOrder.BIG_ENDIAN)
                .stream()
                .filter(value -> wrapper(type).isInstance(value))
                .findFirst()
                .orElseThrow();
    }

    private static Class<?> wrapper(Class<?> type) {
        return MethodType.methodType(type).wrap().returnType();
    }

    @Test
    @DisplayName("bytes must travel between views, arrays and buffers, and nothing beside them change")
    void bytesTravel() {
        byte[] bytes = new byte[20];
        new Random(3).nextBytes(bytes);
        mutable.putBytes(1, bytes, 2, 15);
        byte[] back = new byte[17];
        view.getBytes(1, back, 1, 15);
        for (int i = 0; i < 15; i++) {
            assertEquals(bytes[2 + i], back[1 + i]);
        }
        assertEquals(0, view.getByte(0));
        assertEquals(0, view.getByte(16));

        ByteBuffer buffer = ByteBuffer.allocate(32).position(3);
        view.getBytes(1, buffer, 15);
        assertEquals(18, buffer.position());
        view.getBytes(1, buffer, 17, 15);
        assertEquals(18, buffer.position());
        assertEquals(bytes[2], buffer.get(17));

        mutable.setMemory(0, LENGTH, (byte) 9);
        mutable.putBytes(30, buffer.position(17), 15);
        assertEquals(32, buffer.position());
        mutable.putBytes(0, buffer, 17, 15);
        assertEquals(bytes[2], view.getByte(0));
        assertEquals(bytes[16], view.getByte(44));
        assertEquals(9, view.getByte(45));
        assertThrows(ReadOnlyBufferException.class, () -> view.getBytes(0, buffer.asReadOnlyBuffer(), 0, 4));
    }

    @Test
    @DisplayName("bytes must travel within one view also where the ranges overlap")
    void overlappingCopy() {
        for (int i = 0; i < LENGTH; i++) {
            mutable.putByte(i, (byte) i);
        }
        mutable.putBytes(5, view, 0, 40);
        for (int i = 0; i < 40; i++) {
            assertEquals(i, view.getByte(5 + i));
        }
    }

    @Test
    @DisplayName("bytes must travel to and from a buffer of another make")
    void foreignBuffers() {
        ForeignBuffer foreign = new ForeignBuffer(32);
        for (int i = 0; i < 32; i++) {
            foreign.bytes[i] = (byte) (i * 3);
        }
        mutable.putBytes(7, foreign.proxy(), 5, 19);
        assertEquals(15, view.getByte(7));
        assertEquals((byte) (23 * 3), view.getByte(25));
        assertEquals(0, view.getByte(26));
        view.getBytes(7, foreign.proxy(), 0, 19);
        assertEquals(15, foreign.bytes[0]);
        assertEquals((byte) (23 * 3), foreign.bytes[18]);
        assertEquals((byte) (19 * 3), foreign.bytes[19]);
    }

    /** Of the other make, as far as a copy needs it; the library's own need flags to run. */
    private static final class ForeignBuffer {

        private final byte[] bytes;

        ForeignBuffer(int length) {
            bytes = new byte[length];
        }

        MutableDirectBuffer proxy() {
            ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            Class<?>[] interfaces = {MutableDirectBuffer.class};
            return (MutableDirectBuffer) Proxy.newProxyInstance(
                    BytesViewTest.class.getClassLoader(), interfaces, (self, method, a) -> switch (method.getName()) {
                        case "boundsCheck" -> null;
                        case "isExpandable" -> false;
                        case "getByte" -> buffer.get((int) a[0]);
                        case "getLong" -> buffer.order((ByteOrder) a[1]).getLong((int) a[0]);
                        case "putByte" -> drop(buffer.put((int) a[0], (byte) a[1]));
                        case "putLong" -> drop(buffer.order((ByteOrder) a[2]).putLong((int) a[0], (long) a[1]));
                        default -> throw new UnsupportedOperationException(method.toString());
                    });
        }

        private static Object drop(Object ignored) {
            return null;
        }
    }

    @Test
    @DisplayName("text must be framed by its length and come back, in both encodings and orders")
    void textRoundTrips() {
        assertEquals(9, mutable.putStringAscii(0, "Quire"));
        assertEquals("Quire", view.getStringAscii(0));
        assertEquals("Qui", view.getStringAscii(0, 3));
        StringBuilder text = new StringBuilder();
        assertEquals(5, view.getStringAscii(0, text));
        assertEquals("Quire", text.toString());
        mutable.putStringAscii(0, "big", ByteOrder.BIG_ENDIAN);
        assertEquals("big", view.getStringAscii(0, ByteOrder.BIG_ENDIAN));
        assertEquals(4, mutable.putStringAscii(0, (String) null));
        assertEquals("", view.getStringAscii(0));
        assertEquals(2, mutable.putStringWithoutLengthAscii(20, "a\u00e4"));
        assertEquals("a?", view.getStringWithoutLengthAscii(20, 2));
        assertEquals(3, mutable.putStringWithoutLengthAscii(20, "abcdef", 2, 3));
        assertEquals("cde", view.getStringWithoutLengthAscii(20, 3));

        assertEquals(4 + 7, mutable.putStringUtf8(0, "\u00e4\u20ac\u00df"));
        assertEquals("\u00e4\u20ac\u00df", view.getStringUtf8(0));
        mutable.putStringUtf8(0, "\u00e4", ByteOrder.BIG_ENDIAN);
        assertEquals("\u00e4", view.getStringUtf8(0, ByteOrder.BIG_ENDIAN));
        assertEquals(2, mutable.putStringWithoutLengthUtf8(30, "\u00e4"));
        assertEquals("\u00e4", view.getStringWithoutLengthUtf8(30, 2));
        assertThrows(IllegalArgumentException.class, () -> mutable.putStringUtf8(0, "\u00e4", 1));
    }

    @Test
    @DisplayName("a length that lies must be refused before anything is allocated")
    void lyingLength() {
        mutable.putInt(0, Integer.MAX_VALUE);
        assertThrows(IndexOutOfBoundsException.class, () -> view.getStringUtf8(0));
        assertThrows(IndexOutOfBoundsException.class, () -> view.getStringAscii(0));
        mutable.putInt(0, -1);
        assertThrows(IndexOutOfBoundsException.class, () -> view.getStringUtf8(0));
    }

    @Test
    @DisplayName("decimal numbers must come back, up to the ends of their range")
    void decimals() {
        for (long value : new long[] {0, 7, -7, 120, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            int length = mutable.putIntAscii(3, (int) value);
            assertEquals(value, view.parseIntAscii(3, length));
            assertEquals(Long.toString(value), view.getStringWithoutLengthAscii(3, length));
        }
        for (long value : new long[] {0, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
            assertEquals(value, view.parseLongAscii(3, mutable.putLongAscii(3, value)));
        }
        assertEquals(42, view.parseNaturalIntAscii(0, mutable.putNaturalIntAscii(0, 42)));
        assertEquals(42L, view.parseNaturalLongAscii(0, mutable.putNaturalLongAscii(0, 42L)));
        mutable.putNaturalPaddedIntAscii(0, 6, 42);
        assertEquals("000042", view.getStringWithoutLengthAscii(0, 6));
        assertEquals(7, mutable.putNaturalIntAsciiFromEnd(123, 10));
        assertEquals("123", view.getStringWithoutLengthAscii(7, 3));
    }

    @Test
    @DisplayName("what is no decimal number, or too large, must be refused")
    void malformedDecimals() {
        List<String> malformed = List.of("-", "1a", "a", " 1", "99999999999", "-99999999999", "--1");
        for (String text : malformed) {
            int length = mutable.putStringWithoutLengthAscii(0, text);
            assertThrows(AsciiNumberFormatException.class, () -> view.parseIntAscii(0, length), text);
        }
        int length = mutable.putStringWithoutLengthAscii(0, "9223372036854775808");
        assertThrows(AsciiNumberFormatException.class, () -> view.parseLongAscii(0, length));
        mutable.putStringWithoutLengthAscii(0, "-1");
        assertThrows(AsciiNumberFormatException.class, () -> view.parseNaturalIntAscii(0, 2));
        assertThrows(AsciiNumberFormatException.class, () -> view.parseIntAscii(0, 0));
        assertThrows(NumberFormatException.class, () -> mutable.putNaturalPaddedIntAscii(0, 2, 100));
        assertThrows(IllegalArgumentException.class, () -> mutable.putNaturalIntAscii(0, -1));
    }

    @Test
    @DisplayName("order must be unsigned and lexicographic, shorter first")
    void comparison() {
        Random random = new Random(11);
        MutableBytesView left = new MutableBytesView();
        MutableBytesView right = new MutableBytesView();
        for (int i = 0; i < 5000; i++) {
            byte[] a = randomKey(random);
            byte[] b = random.nextInt(4) == 0 ? a.clone() : randomKey(random);
            left.point(ByteBuffer.wrap(a).order(ByteOrder.LITTLE_ENDIAN), 0, a.length);
            right.point(ByteBuffer.wrap(b).order(ByteOrder.LITTLE_ENDIAN), 0, b.length);
            int expected = Integer.signum(Arrays.compareUnsigned(a, b));
            assertEquals(expected, Integer.signum(left.compareTo(right)));
            assertEquals(expected == 0, left.equals(right));
            assertTrue(expected != 0 || left.hashCode() == right.hashCode());
        }
    }

    private static byte[] randomKey(Random random) {
        byte[] key = new byte[random.nextInt(20)];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (random.nextInt(3) * 127); // few values, so that prefixes agree; one is negative
        }
        return key;
    }

    @Test
    @DisplayName("the ByteBuffer form must show the same bytes, read-only and little-endian, from position to limit")
    void byteBufferForm() {
        mutable.putLong(0, 99);
        ByteBuffer form = view.asReadOnlyByteBuffer();
        assertEquals(LENGTH, form.remaining());
        assertTrue(form.isReadOnly());
        assertEquals(99, form.getLong());
        mutable.putLong(8, 100);
        assertEquals(100, form.getLong());
    }

    @Test
    @DisplayName("a view must lie inside its base, and a mutable one on writable memory")
    void pointIsChecked() {
        assertThrows(IllegalArgumentException.class, () -> view.point(base, 100, 29));
        assertThrows(IllegalArgumentException.class, () -> view.point(base, -1, 4));
        assertThrows(IllegalArgumentException.class, () -> mutable.point(base.asReadOnlyBuffer(), 0, 4));
        assertFalse(mutable.isExpandable());
        assertThrows(IllegalStateException.class, () -> new BytesView().capacity());
        assertNotEquals(new BytesView(), new BytesView());
        byte[] all = new byte[LENGTH];
        view.getBytes(0, all);
        assertArrayEquals(new byte[LENGTH], all);
    }
}
