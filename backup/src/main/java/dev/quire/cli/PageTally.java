package dev.quire.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The second reader going through a whole database file: what every page is, and which of those in use do not verify.
 */
final class PageTally {

    private static final int FAULTS_MAX = 100;
    private static final int HEAD = 2;
    private static final int INSIDE = 3;

    private final FileBytes bytes;
    private final HeaderDecoder.Copy header;
    private final int size;
    private final boolean crossCheck;
    private final Map<String, Long> types = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();
    private final List<String> differences = new ArrayList<>();
    private long pages;
    private long free;
    private RawBytes map;
    private boolean mapGood;

    PageTally(FileBytes bytes, HeaderDecoder.Copy header, int size, boolean crossCheck) {
        this.bytes = bytes;
        this.header = header;
        this.size = size;
        this.crossCheck = crossCheck;
    }

    void run(Cancellation cancellation) {
        long count = bytes.size() / size;
        int region = 2 * size;
        long page = 0;
        while (page < count) {
            cancellation.check();
            if (page % region == 0) {
                map(page == 0 ? HEAD + 1 : page);
            }
            int use = mapGood ? PageDecoder.use(map, (int) (page % region)) : 1;
            page += use == 0 ? free() : page(page, use);
        }
    }

    /** What stands in the place of a page instead of one, by a good allocation map; null if a page does. */
    String noPage(long page) {
        int region = 2 * size;
        map(page < region ? HEAD + 1 : page - page % region);
        int use = mapGood ? PageDecoder.use(map, (int) (page % region)) : 1;
        return use == 0 ? "free: what stands there does not count" : use == INSIDE ? "inside of an extent" : null;
    }

    private void map(long page) {
        map = bytes.read(page * size, size);
        mapGood = PageDecoder.fault(map, size, header.signature(), page) == null && PageDecoder.isMap(map);
        if (!mapGood && !isZero(map)) {
            fault(page, "the allocation map is not good; all pages of its region are looked at");
        }
        if (isZero(map)) {
            // A file that grew ahead has no map there yet, and nothing in use.
            map = RawBytes.of(new byte[size]);
            mapGood = true;
        }
    }

    private int free() {
        pages++;
        free++;
        return 1;
    }

    private int page(long page, int use) {
        RawBytes first = bytes.read(page * size, size);
        int span = use == HEAD || !mapGood ? PageDecoder.span(first, size) : size;
        RawBytes whole = span == size ? first : bytes.read(page * size, span);
        String fault = use == INSIDE ? "inside of an extent without a head" : null;
        fault = fault == null ? PageDecoder.fault(whole, span, header.signature(), page) : fault;
        if (fault != null) {
            fault(page, fault);
        } else {
            types.merge(PageDecoder.type(first.u8(4)), 1L, Long::sum);
        }
        if (crossCheck && differences.size() < FAULTS_MAX) {
            differences.addAll(CrossCheck.page(bytes.path(), header, page, whole, fault == null));
        }
        int count = fault == null ? span / size : 1;
        pages += count;
        return count;
    }

    private void fault(long page, String what) {
        if (faults.size() < FAULTS_MAX) {
            faults.add("page " + page + ": " + what);
        }
    }

    private static boolean isZero(RawBytes bytes) {
        for (int i = 0; i < bytes.length(); i++) {
            if (bytes.u8(i) != 0) {
                return false;
            }
        }
        return true;
    }

    boolean isDamaged() {
        return !faults.isEmpty();
    }

    List<String> differences() {
        return differences;
    }

    Report report() {
        Report counts = new Report();
        types.forEach(counts::add);
        return new Report()
                .add("file", bytes.path().toString())
                .add("pageBytes", size)
                .add("pages", pages)
                .add("free", free)
                .part("types", counts)
                .lines("faults", faults);
    }
}
