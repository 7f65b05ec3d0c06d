package dev.quire.io.page;

import dev.quire.io.CorruptionException;
import dev.quire.io.Crc;
import dev.quire.io.QuireError;
import dev.quire.io.StorageFaultException;
import dev.quire.io.StoreFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Judges pages at their first touch, from a private copy: reads through the file, because a checksum over a map ends
 * the JVM when the disk fails, and through an array, because the caller's thread may be interrupted.
 *
 * <p>It remembers the page behind the last one it looked at; a caller that goes on there is taken for a sequential
 * reader, and the next {@value #READ_AHEAD_BYTES} bytes are judged at once. One thread at a time.
 */
public final class PageVerifier {

    /** Bytes read at once for a sequential reader. */
    static final int READ_AHEAD_BYTES = 256 * 1024;

    private final Crc crc = new Crc();
    private byte[] bytes = new byte[0];
    private ByteBuffer view = ByteBuffer.wrap(bytes);
    private PageFile lastFile;
    private long nextPage;

    /** Takes its memory when it is first needed. */
    public PageVerifier() {}

    /**
     * Reads and judges {@code page}, whole if an extent starts there, and marks it.
     *
     * @throws CorruptionException if it does not verify
     */
    void verify(PageFile pages, StoreFile source, PageMap map, long page) {
        boolean sequential = pages == lastFile && page == nextPage;
        int pageSize = pages.pageSize();
        long left = (map.pages - page) * pageSize;
        int wanted = (int) Math.min(sequential ? READ_AHEAD_BYTES : pageSize, left);
        int count = readAhead(source, wanted, pageSize, page * pageSize);
        int judged = judge(pages, source, map, page, count);
        map.set(page, PageFile.VERIFIED);
        nextPage = neighbours(pages, map, page + judged, page, count);
        lastFile = pages;
    }

    /** Judges the page at the start of the buffer and answers how many pages it spans. */
    private int judge(PageFile file, StoreFile source, PageMap map, long page, int count) {
        int pageSize = file.pageSize();
        if (count < pageSize) {
            String what = "is cut off, " + count + " of " + pageSize + " bytes are there";
            throw PageFault.fault(QuireError.READ_VERIFY_FAILURE, page, what, file.path());
        }
        int pages = PageHeader.pages(view, 0);
        if (pages <= 1 || PageHeader.number(view, 0) != page || !file.canHold(map, page, pages)) {
            PageHeader.verify(view, 0, pageSize, file.signature(), page, file.path());
            if (pages != 1) {
                throw PageFault.fault(QuireError.READ_VERIFY_FAILURE, page, "cannot have pages=" + pages, file.path());
            }
            return 1;
        }
        judgeExtent(file, source, page, pages, count);
        return pages;
    }

    /** An extent may be longer than the buffer, so its checksum is taken in pieces; the first one is there already. */
    private void judgeExtent(PageFile file, StoreFile source, long page, int pages, int count) {
        int stored = PageHeader.crc(view, 0);
        long position = page * file.pageSize();
        int left = pages * file.pageSize();
        int piece = Math.min(count, left);
        crc.start().add(bytes, PageLayout.TYPE_OFFSET, piece - PageLayout.TYPE_OFFSET);
        for (left -= piece; left > 0; left -= piece) {
            position += piece;
            int wanted = Math.min(left, READ_AHEAD_BYTES);
            piece = read(source, wanted, position);
            if (piece < wanted) {
                String what = "is an extent that is cut off, " + (left - piece) + " bytes are missing";
                throw PageFault.fault(QuireError.READ_VERIFY_FAILURE, page, what, file.path());
            }
            crc.add(bytes, 0, piece);
        }
        int raw = crc.value();
        if (stored != (raw ^ PageChecksum.salt(file.signature(), page))) {
            throw PageFault.explain(raw, stored, page, pages, file.signature(), page, file.path());
        }
    }

    /**
     * Marks what verifies of the pages behind the one that was asked for and answers where a sequential reader would
     * ask next. What does not verify may be free, in the middle of being written, or the inside of an extent: it is
     * judged when somebody asks for it.
     */
    private long neighbours(PageFile file, PageMap map, long from, long first, int count) {
        int pageSize = file.pageSize();
        long end = first + count / pageSize;
        long page = from;
        while (page < end) {
            int offset = (int) (page - first) * pageSize;
            int pages = PageHeader.pages(view, offset);
            boolean headed = pages > 0 && PageHeader.number(view, offset) == page && file.canHold(map, page, pages);
            if (headed && page + pages > end) {
                return page;
            }
            boolean unseen = headed && (map.state(page) & PageFile.VERIFIED) == 0;
            if (unseen && PageHeader.verifies(view, offset, pages * pageSize, file.signature(), page)) {
                map.set(page, PageFile.VERIFIED);
                page += pages;
            } else {
                page++;
            }
        }
        return page;
    }

    /** A bad place ahead must not hurt a reader who may never get there. */
    private int readAhead(StoreFile source, int wanted, int pageSize, long position) {
        try {
            return read(source, wanted, position);
        } catch (StorageFaultException fault) {
            if (wanted <= pageSize) {
                throw fault;
            }
            return read(source, pageSize, position);
        }
    }

    private int read(StoreFile source, int length, long position) {
        if (bytes.length < length) {
            bytes = new byte[length];
            view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
        return source.read(bytes, 0, length, position);
    }
}
