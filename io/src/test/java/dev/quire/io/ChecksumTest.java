package dev.quire.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ChecksumTest {

    private static final byte[] CHECK = "123456789".getBytes(StandardCharsets.US_ASCII);
    private static final int CHECK_CRC = 0xE3069283; // of the catalogue of CRCs

    private final Random random = new Random(7);

    @Test
    @DisplayName("the known vector must come out of arrays, heap buffers and direct buffers")
    void knownVector() {
        ByteBuffer direct = ByteBuffer.allocateDirect(16).put(3, CHECK);
        assertEquals(CHECK_CRC, Checksum.crc32c(CHECK, 0, CHECK.length));
        assertEquals(CHECK_CRC, Checksum.crc32c(ByteBuffer.wrap(CHECK), 0, CHECK.length));
        assertEquals(CHECK_CRC, Checksum.crc32c(direct, 3, CHECK.length));
        assertEquals(CHECK_CRC, Checksum.crc32cShared(direct, 3, CHECK.length));
    }

    @Test
    @DisplayName("any range must agree with the platform's CRC32C")
    void agreesWithPlatform() {
        byte[] bytes = new byte[5000];
        random.nextBytes(bytes);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
        for (int i = 0; i < 500; i++) {
            int offset = random.nextInt(bytes.length);
            int length = random.nextInt(bytes.length - offset + 1);
            CRC32C expected = new CRC32C();
            expected.update(bytes, offset, length);
            assertEquals((int) expected.getValue(), Checksum.crc32c(bytes, offset, length));
            assertEquals((int) expected.getValue(), Checksum.crc32c(direct, offset, length));
        }
    }

    @Test
    @DisplayName("a prefix must count as its eight bytes, little-endian, in front")
    void prefixIsEightBytes() {
        byte[] joined = {8, 7, 6, 5, 4, 3, 2, 1, 42, 43};
        byte[] rest = {42, 43};
        int expected = Checksum.crc32c(joined, 0, joined.length);
        assertEquals(expected, Checksum.crc32c(0x0102030405060708L, rest, 0, 2));
        assertEquals(expected, Checksum.crc32c(0x0102030405060708L, ByteBuffer.wrap(rest), 0, 2));
        assertNotEquals(expected, Checksum.crc32c(0x0102030405060709L, rest, 0, 2));
    }

    @Test
    @DisplayName("ranges added one after the other must count as one")
    void rangesAdd() {
        byte[] bytes = new byte[100];
        random.nextBytes(bytes);
        Crc crc = new Crc();
        int whole = crc.start().add(bytes, 0, 100).value();
        int parts = crc.start()
                .add(bytes, 0, 33)
                .add(ByteBuffer.wrap(bytes), 33, 67)
                .value();
        assertEquals(whole, parts);
    }

    @Test
    @DisplayName("position, limit and order of the buffer must stay as they were, also after a range outside of it")
    void bufferIsPutBack() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(64).position(5).limit(40);
        Checksum.crc32c(buffer, 8, 48);
        assertThrows(IllegalArgumentException.class, () -> Checksum.crc32c(buffer, 60, 8));
        assertEquals(5, buffer.position());
        assertEquals(40, buffer.limit());
    }

    @Test
    @DisplayName("a read-only buffer, which may be a map, must be refused")
    void readOnlyIsRefused() {
        ByteBuffer map = ByteBuffer.allocateDirect(64).asReadOnlyBuffer();
        assertThrows(IllegalArgumentException.class, () -> Checksum.crc32c(map, 0, 64));
        assertThrows(IllegalArgumentException.class, () -> Checksum.crc32c(1L, map, 0, 64));
        assertThrows(IllegalArgumentException.class, () -> Checksum.crc32cShared(map, 0, 64));
    }
}
