package dev.quire.table;

import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.pages.PageReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tables of a database by their names: itself a tree, whose root somebody else remembers. As one transaction sees
 * it; not for several threads.
 *
 * <p>A name has 1 to 255 bytes in UTF-8 and no control characters. Names are compared byte by byte: no case is folded,
 * nothing is normalised.
 */
public final class Catalog {

    /**
     * A table.
     *
     * @param root the page of its root
     * @param flags the caller's, kept and given back
     */
    public record Entry(String name, long root, int flags) {}

    private final Tree tree;
    private final TreeValue value = new TreeValue();

    /** The catalog whose own root is in page {@code root}. */
    public Catalog(PageReader reader, long root) {
        this(new Tree(reader, root));
    }

    Catalog(Tree tree) {
        this.tree = tree;
    }

    /**
     * Looks a table up.
     *
     * @throws QuireException {@code INVALID_NAME} if no table can have that name
     */
    public Optional<Entry> find(String name) {
        byte[] key = encode(name);
        return tree.find(key, value) ? Optional.of(entry(name, value)) : Optional.empty();
    }

    /** All tables, in the order of their names' bytes. */
    public List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        TreeCursor cursor = tree.cursor();
        while (cursor.next()) {
            entries.add(entry(decode(cursor.keyBytes()), cursor.value()));
        }
        return entries;
    }

    private Entry entry(String name, TreeValue value) {
        if (value.length() != CatalogLayout.ENTRY_BYTES) {
            throw Damage.at(tree.root(), "an entry of the catalog has " + value.length() + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.wrap(value.toBytes()).order(ByteOrder.LITTLE_ENDIAN);
        return new Entry(name, bytes.getLong(CatalogLayout.ROOT), bytes.getInt(CatalogLayout.FLAGS));
    }

    /** A name as the catalog stores it, after the check that every name passes. */
    static byte[] encode(String name) {
        ByteBuffer bytes;
        try {
            bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(name));
        } catch (CharacterCodingException fault) {
            throw invalid(name, fault);
        }
        int length = bytes.remaining();
        if (length == 0
                || length > CatalogLayout.NAME_BYTES_MAX
                || name.codePoints().anyMatch(Character::isISOControl)) {
            throw invalid(name, null);
        }
        byte[] key = new byte[length];
        bytes.get(key);
        return key;
    }

    private static QuireException invalid(String name, Exception cause) {
        StringBuilder shown = new StringBuilder();
        name.codePoints().limit(40).forEach(c -> shown.append(Character.isISOControl(c) ? "?" : Character.toString(c)));
        return new QuireException(
                QuireError.INVALID_NAME,
                null,
                "name=" + shown + " length=" + name.length() + ", no name of a table",
                cause);
    }

    private String decode(byte[] key) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(key))
                    .toString();
        } catch (CharacterCodingException fault) {
            throw Damage.at(tree.root(), "a name in the catalog is not UTF-8");
        }
    }
}
