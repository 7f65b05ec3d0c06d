package dev.quire.io.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseHeaderTest {

    private static final DatabaseHeader FULL = DatabaseHeader.create(8192, 0x5157E7A1L << 24, 1_700_000_000_123L)
            .withState(DatabaseHeader.State.DIRTY)
            .withDatabaseId(3)
            .withLogSignature(0x1065160L << 30)
            .withDbtimeBound(1_000_001)
            .withPageCount(77)
            .withRequiredFrom(0x500000010L)
            .withRequiredUpTo(0x600000020L)
            .withCommittedUpTo(0x700000030L)
            .withAttach(0x100000001L, 11)
            .withDetach(0x200000002L, 12)
            .withFull(new BackupStamp(0x301L, 21, 1, 2))
            .withIncremental(new BackupStamp(0x302L, 22, 3, 4))
            .withCopy(new BackupStamp(0x303L, 23, 5, 6))
            .withDifferential(new BackupStamp(0x304L, 24, 7, 8))
            .withCurrentFull(new BackupStamp(0x305L, 25, 9, 0));

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void everyFieldMustSurviveEncoding(int number) {
        ByteBuffer page = encoded(FULL, number);
        DatabaseHeader read = DatabaseHeader.decode(page, number, null);
        assertEquals(FULL, read);
        assertEquals(FULL.hashCode(), read.hashCode());
        assertEquals(8192, read.pageSize());
        assertEquals(0x5157E7A1L << 24, read.signature());
        assertEquals(1_700_000_000_123L, read.creationTimeMs());
        assertEquals(DatabaseHeader.State.DIRTY, read.state());
        assertEquals(3, read.databaseId());
        assertEquals(0x1065160L << 30, read.logSignature());
        assertEquals(1_000_001, read.dbtimeBound());
        assertEquals(77, read.pageCount());
        assertEquals(0x500000010L, read.requiredFrom());
        assertEquals(0x600000020L, read.requiredUpTo());
        assertEquals(0x700000030L, read.committedUpTo());
        assertEquals(0x100000001L, read.attachLsn());
        assertEquals(11, read.attachTimeMs());
        assertEquals(0x200000002L, read.detachLsn());
        assertEquals(12, read.detachTimeMs());
        assertEquals(new BackupStamp(0x301L, 21, 1, 2), read.full());
        assertEquals(new BackupStamp(0x302L, 22, 3, 4), read.incremental());
        assertEquals(new BackupStamp(0x303L, 23, 5, 6), read.copy());
        assertEquals(new BackupStamp(0x304L, 24, 7, 8), read.differential());
        assertEquals(new BackupStamp(0x305L, 25, 9, 0), read.currentFull());
        assertEquals(number, read.source());
    }

    @ParameterizedTest
    @EnumSource(DatabaseHeader.State.class)
    void everyStateMustSurviveEncoding(DatabaseHeader.State state) {
        DatabaseHeader header = FULL.withState(state);
        assertEquals(state, DatabaseHeader.decode(encoded(header, 0), 0, null).state());
    }

    @Test
    void aChangeMustLeaveTheOriginalAlone() {
        DatabaseHeader before = DatabaseHeader.decode(encoded(FULL, 0), 0, null);
        DatabaseHeader cleared = FULL.withoutStamps().withState(DatabaseHeader.State.CLEAN);
        assertEquals(before, FULL);
        assertNotEquals(before, cleared);
        assertFalse(cleared.full().isPresent()
                || cleared.incremental().isPresent()
                || cleared.copy().isPresent());
        assertFalse(cleared.differential().isPresent() || cleared.currentFull().isPresent());
        assertTrue(FULL.full().isPresent());
    }

    @Test
    void fieldsMustStandWhereTheFormatSays() {
        ByteBuffer page = encoded(FULL, 1);
        assertEquals("QUIRE.DB", new String(page.array(), 32, 8, java.nio.charset.StandardCharsets.US_ASCII));
        assertEquals(1, PageHeader.type(page, 0));
        assertEquals(1, PageHeader.number(page, 0));
        assertEquals(1_000_001, PageHeader.dbtime(page, 0));
        assertEquals(1, page.getInt(40));
        assertEquals(8192, page.getInt(44));
        assertEquals(0x5157E7A1L << 24, page.getLong(48));
        assertEquals(2, page.getInt(64));
        assertEquals(3, page.getInt(68));
        assertEquals(1_000_001, page.getLong(80));
        assertEquals(77, page.getLong(88));
        assertEquals(0x600000020L, page.getLong(104));
        assertEquals(0x700000030L, page.getLong(112));
        assertEquals(0x301L, page.getLong(160));
        assertEquals(8, page.getInt(256 + 20));
        assertEquals(0x305L, page.getLong(288));
        CRC32C crc = new CRC32C();
        crc.update(page.array(), 4, 4088);
        assertEquals((int) crc.getValue(), page.getInt(4092));
        assertTrue(PageHeader.verifies(page, 0, 8192, FULL.signature(), 1), "both copies are pages like all others");
    }

    @Test
    void everyChangedByteOfTheBlockMustBeReported() {
        ByteBuffer page = encoded(FULL, 0);
        for (int i = 4; i < 4096; i++) {
            page.put(i, (byte) ~page.get(i));
            assertEquals(QuireError.DATABASE_CORRUPTED, fault(page, 0).error(), "byte " + i);
            page.put(i, (byte) ~page.get(i));
        }
        DatabaseHeader.decode(page, 0, null);
    }

    @Test
    void aCopyInTheWrongPlaceMustBeReported() {
        assertTrue(fault(encoded(FULL, 0), 1).getMessage().contains("calls itself page 0"));
        assertTrue(fault(encoded(FULL, 1), 0).getMessage().contains("calls itself page 1"));
    }

    @Test
    void anUnknownFormatMustNotBeCalledDamage() {
        ByteBuffer page = encoded(FULL.with(DatabaseHeaderLayout.FORMAT_OFFSET, 2), 0);
        QuireException newer = assertThrows(QuireException.class, () -> DatabaseHeader.decode(page, 0, null));
        assertFalse(newer instanceof CorruptionException);
        assertEquals(QuireError.INVALID_DATABASE_VERSION, newer.error());
        assertTrue(newer.getMessage().contains("version 2"), newer.getMessage());
    }

    @Test
    void valuesThatCannotBeMustBeRefusedThoughTheirChecksumIsRight() {
        assertRefused(FULL.with(DatabaseHeaderLayout.STATE_OFFSET, 0));
        assertRefused(FULL.with(DatabaseHeaderLayout.STATE_OFFSET, 5));
        assertRefused(FULL.with(DatabaseHeaderLayout.STATE_OFFSET, -1));
        assertRefused(FULL.withPageCount(1));
        assertRefused(FULL.withPageCount(-1));
        assertRefused(FULL.withPageCount(Long.MAX_VALUE));
        assertRefused(FULL.withPageCount((1L << 44) / 8192 + 1));
        DatabaseHeader.decode(encoded(FULL.withPageCount((1L << 44) / 8192), 0), 0, null);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, -4096, 2048, 4097, 12288, 131072, Integer.MIN_VALUE})
    void aPageSizeThatCannotBeMustBeRefused(int pageSize) {
        ByteBuffer page = encoded(FULL, 0);
        page.putInt(DatabaseHeaderLayout.PAGE_SIZE_OFFSET, pageSize);
        page.putInt(DatabaseHeaderLayout.BLOCK_CRC_OFFSET, HeaderCopies.blockCrc(page, 0));
        assertTrue(fault(page, 0).getMessage().contains("pageSize=" + pageSize));
        assertThrows(IllegalArgumentException.class, () -> DatabaseHeader.create(pageSize, 1, 1));
    }

    @Test
    void reservedBytesMustSurviveAChange() {
        DatabaseHeader future = FULL.with(DatabaseHeaderLayout.RESERVED_OFFSET + 8, 0x7FFFFFFFFFL);
        ByteBuffer page =
                encoded(DatabaseHeader.decode(encoded(future, 0), 0, null).withDatabaseId(9), 0);
        assertEquals(0x7FFFFFFFFFL, page.getLong(DatabaseHeaderLayout.RESERVED_OFFSET + 8));
    }

    @Test
    void theRestOfThePageMustBeWrittenAsZeros() {
        ByteBuffer dirty = Sealed.buffer(3 * 8192);
        for (int i = 0; i < dirty.capacity(); i++) {
            dirty.put(i, (byte) 0xEE);
        }
        dirty.position(8192).limit(2 * 8192);
        FULL.encode(dirty, 0);
        assertEquals(8192, dirty.position());
        for (int i = 8192 + 4096; i < 2 * 8192; i++) {
            assertEquals(0, dirty.get(i));
        }
        dirty.clear();
        assertEquals((byte) 0xEE, dirty.get(8191));
        assertEquals((byte) 0xEE, dirty.get(2 * 8192));
        assertThrows(IllegalArgumentException.class, () -> FULL.encode(dirty, 0));
    }

    private static void assertRefused(DatabaseHeader hostile) {
        assertEquals(
                QuireError.DATABASE_CORRUPTED, fault(encoded(hostile, 0), 0).error());
    }

    private static CorruptionException fault(ByteBuffer page, int number) {
        return assertThrows(CorruptionException.class, () -> DatabaseHeader.decode(page, number, null));
    }

    static ByteBuffer encoded(DatabaseHeader header, int number) {
        ByteBuffer page = Sealed.buffer(header.pageSize());
        header.encode(page, number);
        return page;
    }
}
