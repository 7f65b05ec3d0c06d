package dev.quire.io.page;

import dev.quire.io.CorruptionException;
import dev.quire.io.QuireError;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Finds out what is wrong with a page that did not verify, and says it. Off every fast path. */
final class PageFault {

    private PageFault() {}

    /** Why the page of {@code length} bytes at {@code offset} is not page {@code page}. */
    static CorruptionException explain(ByteBuffer b, int offset, int length, long signature, long page, Path file) {
        if (isZero(b, offset, length)) {
            return fault(QuireError.PAGE_NOT_INITIALIZED, page, "is all zero", file);
        }
        int raw = PageChecksum.raw(b, offset, length);
        int pages = PageHeader.pages(b, offset);
        return explain(raw, PageHeader.crc(b, offset), PageHeader.number(b, offset), pages, signature, page, file);
    }

    /** The same from what was read of the page: the checksum over its bytes and what its header says. */
    static CorruptionException explain(
            int raw, int stored, long number, int pages, long signature, long page, Path file) {
        if (number != page && stored == (raw ^ PageChecksum.salt(signature, number))) {
            return fault(QuireError.READ_PAGE_NUMBER_VERIFY_FAILURE, page, "is sound, but it is page " + number, file);
        }
        int computed = raw ^ PageChecksum.salt(signature, page);
        if (stored != computed) {
            String what = String.format("has checksum %08x where %08x is expected", stored, computed);
            String told = number == page ? "" : ", and calls itself page " + number;
            return fault(QuireError.READ_VERIFY_FAILURE, page, what + told, file);
        }
        if (number != page) {
            return fault(QuireError.READ_PAGE_NUMBER_VERIFY_FAILURE, page, "calls itself page " + number, file);
        }
        return fault(
                QuireError.READ_VERIFY_FAILURE, page, "has another length than its header says, pages=" + pages, file);
    }

    /** A fault of page {@code page}. */
    static CorruptionException fault(QuireError error, long page, String what, Path file) {
        return new CorruptionException(error, file, "page " + page + ' ' + what, null);
    }

    /** A link that leads outside the file. */
    static CorruptionException outside(long page, int pages, long pageCount, Path file) {
        String what = (pages == 1 ? "" : "with the " + (pages - 1) + " behind it ") + "is outside the database of "
                + pageCount + " pages: a bad link";
        return fault(QuireError.DATABASE_CORRUPTED, page, what, file);
    }

    private static boolean isZero(ByteBuffer b, int offset, int length) {
        for (int i = 0; i < length; i += Long.BYTES) {
            if (b.getLong(offset + i) != 0) {
                return false;
            }
        }
        return true;
    }
}
