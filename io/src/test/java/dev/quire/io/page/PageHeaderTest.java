package dev.quire.io.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageHeaderTest {

    private static final long SIGNATURE = 0x1122334455667788L;
    private static final Path FILE = Path.of("some.qdb");

    @ParameterizedTest
    @ValueSource(ints = {4096, 8192, 16384, 32768, 65536})
    void aSealedPageMustVerifyInItsOwnPlaceOnly(int pageSize) {
        ByteBuffer b = Sealed.page(pageSize, 1, SIGNATURE, 7);
        assertTrue(PageHeader.verifies(b, 0, pageSize, SIGNATURE, 7));
        assertFalse(PageHeader.verifies(b, 0, pageSize, SIGNATURE + 1, 7), "another database");
        assertFalse(PageHeader.verifies(b, 0, pageSize, SIGNATURE, 8), "another place");
        PageHeader.number(b, 0, 8);
        assertFalse(PageHeader.verifies(b, 0, pageSize, SIGNATURE, 8), "another place under another name");
    }

    @Test
    void everyChangedBitOfAPageMustBeReported() {
        ByteBuffer b = Sealed.page(4096, 1, SIGNATURE, 7);
        for (int i = 0; i < 4096; i++) {
            for (int bit = 1; bit < 256; bit <<= 1) {
                b.put(i, (byte) (b.get(i) ^ bit));
                assertFalse(PageHeader.verifies(b, 0, 4096, SIGNATURE, 7), "byte " + i + " bit " + bit);
                b.put(i, (byte) (b.get(i) ^ bit));
            }
        }
        assertTrue(PageHeader.verifies(b, 0, 4096, SIGNATURE, 7));
    }

    @Test
    void everyChangedByteOfAnExtentMustBeReported() {
        int length = 5 * 4096;
        ByteBuffer b = Sealed.page(4096, 5, SIGNATURE, 40);
        for (int i = 0; i < length; i++) {
            b.put(i, (byte) ~b.get(i));
            assertFalse(PageHeader.verifies(b, 0, length, SIGNATURE, 40), "byte " + i);
            b.put(i, (byte) ~b.get(i));
        }
        assertTrue(PageHeader.verifies(b, 0, length, SIGNATURE, 40));
        assertFalse(PageHeader.verifies(b, 0, length - 4096, SIGNATURE, 40), "without its end");
        assertFalse(PageHeader.verifies(b, 0, 4096, SIGNATURE, 40), "its head alone");
    }

    @Test
    void pagesInTheMiddleOfABufferMustBeSealedWhereTheyAre() {
        ByteBuffer slab = ByteBuffer.allocateDirect(3 * 4096).order(ByteOrder.LITTLE_ENDIAN);
        slab.position(100).limit(200);
        PageHeader.init(slab.clear(), 4096, PageLayout.TYPE_LEAF, 1, 9);
        slab.put(4096 + 4095, (byte) 1);
        PageHeader.seal(slab, 4096, 4096, SIGNATURE, 9);
        slab.put(4095, (byte) 77).put(8192, (byte) 77);
        assertTrue(PageHeader.verifies(slab, 4096, 4096, SIGNATURE, 9));
        slab.put(4096 + 4095, (byte) 2);
        assertFalse(PageHeader.verifies(slab, 4096, 4096, SIGNATURE, 9));
    }

    @Test
    void headerFieldsMustStandWhereTheLayoutDrawsThem() {
        ByteBuffer b = Sealed.buffer(4096);
        PageHeader.init(b, 0, PageLayout.TYPE_BRANCH, 0x0203, 0x1817161514131211L);
        PageHeader.flags(b, 0, 0xA5);
        PageHeader.dbtime(b, 0, 0x0807060504030201L);
        byte[] expected = {
            0,
            0,
            0,
            0,
            6,
            (byte) 0xA5,
            3,
            2,
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            8,
            0x11,
            0x12,
            0x13,
            0x14,
            0x15,
            0x16,
            0x17,
            0x18,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0
        };
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], b.get(i), "byte " + i);
        }
        assertEquals(6, PageHeader.type(b, 0));
        assertEquals(0xA5, PageHeader.flags(b, 0));
        assertEquals(0x0203, PageHeader.pages(b, 0));
        assertEquals(0x0807060504030201L, PageHeader.dbtime(b, 0));
        assertEquals(0x1817161514131211L, PageHeader.number(b, 0));
    }

    @Test
    void theChecksumMustBeWhatTheFormatSays() {
        ByteBuffer b = Sealed.page(4096, 1, SIGNATURE, 7);
        int crc = ~0; // CRC-32C by the definition, bit by bit
        for (int i = 4; i < 4096; i++) {
            crc ^= b.get(i) & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc >>> 1) ^ ((crc & 1) * 0x82F63B78);
            }
        }
        long h = SIGNATURE + 7 * 0x9E3779B97F4A7C15L;
        h ^= h >>> 33;
        h *= 0xFF51AFD7ED558CCDL;
        h ^= h >>> 33;
        h *= 0xC4CEB9FE1A85EC53L;
        h ^= h >>> 33;
        assertEquals(~crc ^ (int) h, PageHeader.crc(b, 0));
    }

    @Test
    void saltsOfNeighboursAndOfSmallSignaturesMustDiffer() {
        Set<Integer> salts = new HashSet<>();
        for (long signature = 0; signature < 32; signature++) {
            for (long page = 0; page < 32; page++) {
                salts.add(PageChecksum.salt(signature, page));
            }
        }
        assertEquals(32 * 32, salts.size());
    }

    @Test
    void aPageOfZerosMustBeCalledNotInitialized() {
        assertFault(QuireError.PAGE_NOT_INITIALIZED, Sealed.buffer(8192), "page 7 is all zero");
        assertFalse(PageHeader.verifies(Sealed.buffer(4096), 0, 4096, 0, 0));
    }

    @Test
    void aPageInTheWrongPlaceMustSayWhereItBelongs() {
        ByteBuffer misplaced = Sealed.page(8192, 1, SIGNATURE, 12);
        assertFault(QuireError.READ_PAGE_NUMBER_VERIFY_FAILURE, misplaced, "page 12");
    }

    @Test
    void aPageOfAnotherFileMustBeAFaultThoughItsNumberIsRight() {
        assertFault(QuireError.READ_VERIFY_FAILURE, Sealed.page(8192, 1, SIGNATURE + 1, 7), "checksum");
    }

    @Test
    void aDamagedPageMustNameTheChecksumFoundAndTheOneExpected() {
        ByteBuffer b = Sealed.page(8192, 1, SIGNATURE, 7);
        String expected = String.format("%08x", PageHeader.crc(b, 0));
        b.putInt(0, 0x0BADBEEF);
        assertFault(QuireError.READ_VERIFY_FAILURE, b, "has checksum 0badbeef where " + expected + " is expected");
    }

    @Test
    void aRightChecksumMustNotExcuseAWrongNumberOrLength() {
        ByteBuffer b = Sealed.page(8192, 1, SIGNATURE, 7);
        PageHeader.number(b, 0, 8);
        b.putInt(0, PageChecksum.raw(b, 0, 8192) ^ PageChecksum.salt(SIGNATURE, 7));
        assertFault(QuireError.READ_PAGE_NUMBER_VERIFY_FAILURE, b, "calls itself page 8");
        PageHeader.number(b, 0, 7);
        for (int pages : new int[] {0, 3, 4, 0x8001, 0xFFFF}) {
            PageHeader.pages(b, 0, pages);
            b.putInt(0, PageChecksum.raw(b, 0, 8192) ^ PageChecksum.salt(SIGNATURE, 7));
            assertFault(QuireError.READ_VERIFY_FAILURE, b, "pages=" + pages);
        }
    }

    @Test
    void whatCouldNeverBeReadMustNotBeSealed() {
        ByteBuffer b = Sealed.page(4096, 2, SIGNATURE, 7);
        assertThrows(IllegalArgumentException.class, () -> PageHeader.seal(b, 0, 8192, SIGNATURE, 8));
        assertThrows(IllegalArgumentException.class, () -> PageHeader.seal(b, 0, 4096, SIGNATURE, 7));
        PageHeader.pages(b, 0, 0);
        assertThrows(IllegalArgumentException.class, () -> PageHeader.seal(b, 0, 8192, SIGNATURE, 7));
    }

    @Test
    void aChecksumOfAMapMustBeRefused() {
        ByteBuffer sealed = Sealed.page(4096, 1, SIGNATURE, 7);
        ByteBuffer direct = ByteBuffer.allocateDirect(4096).put(0, sealed, 0, 4096);
        for (ByteBuffer b : new ByteBuffer[] {sealed, direct}) {
            ByteBuffer map = b.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
            assertThrows(IllegalArgumentException.class, () -> PageHeader.verifies(map, 0, 4096, SIGNATURE, 7));
            assertThrows(IllegalArgumentException.class, () -> PageHeader.verify(map, 0, 4096, SIGNATURE, 7, FILE));
        }
    }

    private static void assertFault(QuireError error, ByteBuffer page, String told) {
        CorruptionException fault = assertThrows(
                CorruptionException.class, () -> PageHeader.verify(page, 0, page.capacity(), SIGNATURE, 7, FILE));
        assertEquals(error, fault.error());
        assertTrue(fault.getMessage().contains("page 7 "), fault.getMessage());
        assertTrue(fault.getMessage().contains(told), fault.getMessage());
        assertTrue(fault.getMessage().contains(FILE.toString()), fault.getMessage());
    }
}
