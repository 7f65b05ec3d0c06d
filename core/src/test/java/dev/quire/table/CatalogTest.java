package dev.quire.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.io.CorruptionException;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogTest {

    private final MemoryPages pages = new MemoryPages(4096);
    private final long root = CatalogWriter.create(pages);
    private final CatalogWriter writer = new CatalogWriter(pages, root, new TreeScratch(4096));

    @Test
    void tablesMustBeFoundByTheirNames() {
        TreeMap<String, Catalog.Entry> expected = new TreeMap<>();
        for (int i = 0; i < 300; i++) {
            String name = "table-" + i * 7919 % 1000;
            expected.put(name, writer.create(name, i));
        }
        Catalog catalog = new Catalog(pages, root);
        assertEquals(List.copyOf(expected.values()), catalog.entries());
        assertEquals(Optional.of(expected.get("table-0")), catalog.find("table-0"));
        assertEquals(Optional.empty(), catalog.find("table"));
        long[] roots = expected.values().stream().mapToLong(Catalog.Entry::root).toArray();
        long[] all = Arrays.copyOf(roots, roots.length + 1);
        all[roots.length] = root;
        CheckedTree.check(pages, all);
        assertTrue(writer.isWhole());
    }

    @Test
    void droppedTableMustLeaveNothingBehind() {
        Catalog.Entry entry = writer.create("orders", 3);
        TreeWriter table = new TreeWriter(pages, entry.root());
        for (int i = 0; i < 2000; i++) {
            table.put(Integer.toString(i).getBytes(StandardCharsets.US_ASCII), new byte[i % 100 == 0 ? 9000 : 80]);
        }
        writer.drop("orders");
        CheckedTree.check(pages, root);
        assertEquals(1, pages.inUse().size());
        assertEquals(List.of(), writer.catalog().entries());
        assertEquals(
                QuireError.OBJECT_NOT_FOUND,
                assertThrows(NotFoundException.class, () -> writer.drop("orders"))
                        .error());
    }

    @Test
    void renamedTableMustKeepItsPages() {
        Catalog.Entry entry = writer.create("old", 9);
        writer.create("other", 0);
        writer.rename("old", "new");
        assertEquals(
                new Catalog.Entry("new", entry.root(), 9),
                writer.catalog().find("new").orElseThrow());
        assertEquals(Optional.empty(), writer.catalog().find("old"));
        assertThrows(NotFoundException.class, () -> writer.rename("old", "x"));
        assertDuplicate(() -> writer.rename("new", "other"));
        assertDuplicate(() -> writer.rename("new", "new"));
        assertDuplicate(() -> writer.create("other", 0));
        assertEquals(2, writer.catalog().entries().size());
    }

    private static void assertDuplicate(Runnable call) {
        assertEquals(
                QuireError.OBJECT_DUPLICATE,
                assertThrows(QuireException.class, call::run).error());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "\u0000", "x\u007f", "\u0085", "\ud800", "tail\udc00"})
    void namesOfControlsOrHalfCharactersMustBeRefused(String name) {
        assertInvalid(name);
    }

    @Test
    void namesMustBeLimitedByTheirBytes() {
        assertInvalid("x".repeat(256));
        assertInvalid("\u00e9".repeat(128));
        writer.create("x".repeat(255), 0);
        writer.create("\u00e9".repeat(127) + "x", 0);
        writer.create("\ud83d\ude00/..\\ any other character", 0);
        assertEquals(3, writer.catalog().entries().size());
    }

    private void assertInvalid(String name) {
        for (Runnable call : List.<Runnable>of(
                () -> writer.create(name, 0),
                () -> writer.drop(name),
                () -> writer.rename(name, "x"),
                () -> writer.catalog().find(name))) {
            assertEquals(
                    QuireError.INVALID_NAME,
                    assertThrows(QuireException.class, call::run).error());
        }
    }

    @Test
    void entriesThatAreNoneMustBeCorruption() {
        TreeWriter tree = new TreeWriter(pages, root);
        tree.put(new byte[] {'a'}, new byte[15]);
        assertThrows(CorruptionException.class, () -> new Catalog(pages, root).entries());
        assertThrows(CorruptionException.class, () -> new Catalog(pages, root).find("a"));
        tree.delete(new byte[] {'a'});
        tree.put(new byte[] {(byte) 0xC0, 0x20}, new byte[16]);
        assertThrows(CorruptionException.class, () -> new Catalog(pages, root).entries());
    }
}
