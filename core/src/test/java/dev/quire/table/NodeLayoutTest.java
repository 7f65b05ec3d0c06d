package dev.quire.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quire.io.page.PageLayout;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The bytes in a page, as they were once decided: files out there have them. */
class NodeLayoutTest {

    private final MemoryPages pages = new MemoryPages(4096);
    private final WritableNode node = new WritableNode();
    private final TreeScratch scratch = new TreeScratch(4096);

    @Test
    void leafMustHaveTheseBytes() {
        long page = pages.allocate(PageLayout.TYPE_LEAF, node.ref);
        node.reset(page, 0, key("apple"), key("apricot"));
        node.insert(0, key("april"), ValueLayout.INLINE, new byte[] {1, 2, 3}, 0, 3, scratch);
        node.insert(0, key("application"), ValueLayout.INLINE, new byte[0], 0, 0, scratch);
        // count 2, level 0, flags 0, prefix 2 ("ap"), low 5, high 7, 0, cells 4057, dead 0, 0, 0
        assertBytes(page, 32, "0200 00 00 0200 0500 0700 0000 d90f0000 00000000 00000000 0000000000000000");
        assertBytes(page, 64, "d90f e80f 0000");
        assertBytes(page, 128, "6f69746163696c70 00000000006c6972"); // "plicatio", "ril": big-endian numbers, swapped
        assertBytes(page, 4057, "0b00 0000 6170706c69636174696f6e"); // 11 bytes of key, none of value
        assertBytes(page, 4072, "0500 0300 617072696c 010203");
        assertBytes(page, 4084, "6170706c65 61707269636f74");
    }

    @Test
    void branchMustHaveTheseBytes() {
        long page = pages.allocate(PageLayout.TYPE_BRANCH, node.ref);
        node.reset(page, 1, key(""), key("z"));
        node.append(key(""), 7);
        node.append(key("mm"), 0x0102030405060708L);
        node.finish();
        // one fence alone: the prefix is what the only key has
        assertBytes(page, 32, "0200 01 01 0200 0000 0100 0000 e50f0000 00000000 00000000 0000000000000000");
        assertBytes(page, 64, "f30f e50f 0000");
        assertBytes(page, 128, "0000000000000000 0000000000000000");
        assertBytes(page, 4069, "0200 0800 6d6d 0807060504030201");
        assertBytes(page, 4083, "0000 0800 0700000000000000 7a");
    }

    @Test
    void formsOfValuesMustStandInTheCell() {
        TreeWriter writer = new TreeWriter(pages, TreeWriter.create(pages));
        assertEquals(1, ValueLayout.EXTENT);
        assertEquals(2, ValueLayout.EXTENTS);
        assertEquals(3, ValueLayout.INDEXED);
        long root = writer.tree().root();
        writer.put(new byte[] {'k'}, new byte[5000]);
        assertBytes(root, 4096 - 21, "0140 1000 6b 88130000 20000000 0500000000000000");
        writer.put(new byte[] {'k'}, new byte[2 * 1024 * 1024 - 64]);
        assertBytes(root, 4096 - 29, "0180 1800 6b c0ff1f00 e0ff0f00 0700000000000000 0701000000000000");
    }

    @Test
    void everyHeadsArrayMustStartOnALine() {
        for (int count = 0; count < 6000; count++) {
            assertEquals(0, NodeLayout.heads(count) % 64);
            assertEquals(true, NodeLayout.heads(count) >= NodeLayout.slot(count));
            assertEquals(NodeLayout.arraysEnd(count + 1), NodeLayout.arraysEnd(count) + NodeLayout.arrayGrowth(count));
        }
    }

    @Test
    void limitsMustBeThoseThatAreDocumented() {
        int[] sizes = {4096, 8192, 16384, 32768, 65536};
        int[] keys = {480, 992, 2016, 4064, 8160};
        int[] records = {1916, 3964, 8060, 16252, 32636};
        for (int i = 0; i < sizes.length; i++) {
            assertEquals(keys[i], Tree.keyBytesMax(sizes[i]));
            assertEquals(records[i], Tree.inlineBytesMax(sizes[i]));
        }
    }

    private static Key key(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        Key key = new Key();
        key.set(bytes, 0, bytes.length);
        return key;
    }

    private void assertBytes(long page, int at, String hex) {
        String expected = hex.replace(" ", "");
        byte[] found = new byte[expected.length() / 2];
        pages.bytes(page).get(at, found);
        assertEquals(expected, HexFormat.of().formatHex(found), "at " + at);
    }
}
