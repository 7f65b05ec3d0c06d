package dev.quire;

import dev.quire.io.BytesView;
import dev.quire.io.page.PageHeader;
import dev.quire.io.page.PageLayout;
import dev.quire.io.page.PageRef;
import dev.quire.pages.AllocationLayout;
import dev.quire.pages.AllocationScan;
import dev.quire.pages.PageReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;

/** All that is in an instance, or in a model of one, as one number: databases, raw pages, tables, entries. */
final class StateDigest {

    private static final long ODD = 0x9E3779B97F4A7C15L;

    private final CRC32C crc = new CRC32C();
    private long state = ODD;
    private int items;

    /** What a reader of now sees. */
    static long of(Instance instance) {
        try (ReadTransaction tx = instance.beginRead()) {
            return of(tx, instance.databases());
        }
    }

    /** What {@code tx} sees of {@code databases}. */
    static long of(ReadTransaction tx, List<Database> databases) {
        StateDigest digest = new StateDigest();
        databases.stream().sorted((a, b) -> a.name().compareTo(b.name())).forEach(each -> digest.database(tx, each));
        return digest.value();
    }

    void name(String name) {
        bytes(name.getBytes(StandardCharsets.UTF_8));
    }

    void number(long number) {
        state = Long.rotateLeft(state ^ number * ODD, 29) * 0xBF58476D1CE4E5B9L;
        items++;
    }

    void bytes(byte[] bytes) {
        crc.reset();
        crc.update(bytes);
        number(crc.getValue() | (long) bytes.length << 32);
    }

    long value() {
        number(items);
        return state;
    }

    private void database(ReadTransaction tx, Database database) {
        name(database.name());
        rawPages(tx, database);
        for (String name : tx.tables(database)) {
            name(name);
            Cursor cursor = tx.table(database, name).cursor();
            while (cursor.next()) {
                bytes(cursor.key());
                bytes(cursor.value().toBytes());
            }
        }
    }

    private void rawPages(ReadTransaction tx, Database database) {
        PageReader pages = tx.pages(database);
        AllocationScan maps = new AllocationScan(pages, database.pages().file().pageCount());
        RawPages raw = tx.rawPages(database);
        BytesView view = new BytesView();
        PageRef ref = new PageRef();
        byte[] payload = new byte[raw.payloadBytes()];
        byte[] entries = new byte[maps.regionPages()];
        for (int region = 0; region < maps.regions(); region++) {
            maps.read(region, entries);
            long base = (long) region * entries.length;
            for (int i = region == 0 ? AllocationLayout.FIXED_PAGES : 1; i < entries.length; i++) {
                if (entries[i] != AllocationLayout.PAGE) {
                    continue;
                }
                pages.read(base + i, ref);
                if (PageHeader.type(ref.base, ref.offset) == PageLayout.TYPE_RAW) {
                    raw.read(base + i, view);
                    view.getBytes(0, payload);
                    number(base + i);
                    bytes(payload);
                }
            }
        }
    }
}
