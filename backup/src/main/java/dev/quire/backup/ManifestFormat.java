package dev.quire.backup;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.quire.durable.Attachment;
import dev.quire.durable.BackupKind;
import dev.quire.durable.Label;
import dev.quire.durable.Names;
import dev.quire.io.Checksum;
import dev.quire.io.CorruptionException;
import dev.quire.io.NotFoundException;
import dev.quire.io.QuireError;
import dev.quire.io.QuireException;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.log.Lsn;
import dev.quire.io.page.PageLayout;
import dev.quire.pages.AllocationLayout;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A manifest as text and back. The text is JSON with its own checksum in the last line, over everything before that
 * line. What is read is hostile until every number was judged: sizes before anything is allocated, order and gaps
 * before anything is opened.
 */
final class ManifestFormat {

    /** Written by this version; read are this one and that before, which knew full backups alone. */
    static final int VERSION = 2;

    private static final int VERSION_OF_FULLS = 1;

    private static final String SUM = "\n,\"crc32c\":\"";
    private static final String SUM_END = "\"}\n";
    static final int BYTES_MAX = 16 << 20;
    /** So many fit into the bytes, with as many databases as can be. */
    static final int GENERATIONS_MAX = 100_000;

    static final int DATABASES_MAX = 128;
    private static final int GENERATION_BYTES_MIN = 64 << 10;
    private static final int GENERATION_BYTES_MAX = 1 << 30;
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(8)
                    .maxStringLength(256)
                    .maxNumberLength(20)
                    .maxDocumentLength(BYTES_MAX)
                    .build())
            .build();

    private ManifestFormat() {}

    static String write(Manifest manifest) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            fields(json, manifest);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String whole = text.toString().stripTrailing();
        String body = whole.substring(0, whole.length() - 1).stripTrailing();
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return body + SUM + hex(Checksum.crc32c(bytes, 0, bytes.length)) + SUM_END;
    }

    static Manifest read(Storage storage, Path path) {
        if (storage.kind(path) != Storage.Kind.FILE) {
            throw new NotFoundException(QuireError.INVALID_BACKUP, path, "there is no published backup here", null);
        }
        byte[] bytes;
        try (StoreFile file = storage.open(path, Storage.Access.READ)) {
            if (file.size() > BYTES_MAX) {
                throw damaged(path, "is larger than a manifest can be, bytes=" + file.size(), null);
            }
            bytes = new byte[(int) file.size()];
            file.read(bytes, 0, bytes.length, 0);
        }
        return parse(path, bytes);
    }

    static Manifest parse(Path path, byte[] bytes) {
        checkSum(path, bytes);
        try (JsonParser json = JSON.createParser(bytes)) {
            Object root = value(json, json.nextToken());
            if (json.nextToken() != null) {
                throw damaged(path, "goes on behind its end", null);
            }
            return new Reader(path).manifest(root);
        } catch (IOException e) {
            throw damaged(path, "is not what a manifest looks like", e);
        }
    }

    private static void fields(JsonGenerator json, Manifest manifest) throws IOException {
        json.writeStartObject();
        json.writeNumberField("format", VERSION);
        json.writeStringField("id", manifest.id());
        json.writeStringField("kind", manifest.kind().word());
        json.writeStringField("label", manifest.label());
        json.writeNumberField("mark", manifest.mark());
        json.writeNumberField("createdMs", manifest.createdMs());
        json.writeStringField("logSignature", hex(manifest.logSignature()));
        json.writeNumberField("generationBytes", manifest.generationBytes());
        json.writeNumberField("redoStart", manifest.redoStart());
        json.writeNumberField("consistentFrom", manifest.consistentFrom());
        json.writeNumberField("end", manifest.end());
        json.writeNumberField("nextDatabaseId", manifest.nextDatabaseId());
        if (manifest.builtOn() != null) {
            json.writeStringField("full", manifest.builtOn().full());
            json.writeStringField("previous", manifest.builtOn().previous());
        }
        json.writeArrayFieldStart("databases");
        for (Manifest.CopiedDatabase database : manifest.databases()) {
            database(json, database);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("generations");
        for (Manifest.CopiedGeneration generation : manifest.generations()) {
            json.writeStartObject();
            json.writeNumberField("generation", generation.generation());
            json.writeNumberField("closingOffset", generation.closingOffset());
            json.writeStringField("chain", hex(generation.chain()));
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void database(JsonGenerator json, Manifest.CopiedDatabase database) throws IOException {
        Attachment attachment = database.attachment();
        json.writeStartObject();
        json.writeNumberField("id", attachment.id());
        json.writeStringField("name", attachment.name());
        json.writeStringField("signature", hex(attachment.signature()));
        json.writeNumberField("pageSize", attachment.pageSize());
        json.writeNumberField("from", attachment.from());
        json.writeNumberField("pages", database.pages());
        json.writeNumberField("usedPages", database.usedPages());
        json.writeNumberField("useBytes", database.useBytes());
        json.writeStringField("useCrc32c", hex(database.useCrc()));
        json.writeEndObject();
    }

    private static void checkSum(Path path, byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = text.lastIndexOf(SUM);
        boolean framed = at >= 0 && text.endsWith(SUM_END) && text.length() == at + SUM.length() + 8 + SUM_END.length();
        if (!framed) {
            throw damaged(path, "does not end with its checksum: it is cut off or no manifest", null);
        }
        String expected = text.substring(at + SUM.length(), at + SUM.length() + 8);
        String found = hex(Checksum.crc32c(bytes, 0, at));
        if (!expected.equals(found)) {
            throw damaged(path, "does not verify: crc32c " + found + ", expected " + expected, null);
        }
    }

    /** Objects become maps, arrays lists; depth and lengths are bounded by the parser. */
    private static Object value(JsonParser json, JsonToken token) throws IOException {
        if (token == JsonToken.START_OBJECT) {
            Map<String, Object> map = new HashMap<>();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                map.put(name, value(json, json.nextToken()));
            }
            return map;
        }
        if (token == JsonToken.START_ARRAY) {
            List<Object> list = new ArrayList<>();
            for (JsonToken next = json.nextToken(); next != JsonToken.END_ARRAY && next != null; ) {
                list.add(value(json, next));
                next = json.nextToken();
            }
            return list;
        }
        return token == JsonToken.VALUE_NUMBER_INT ? (Object) json.getLongValue() : json.getText();
    }

    private static String hex(int value) {
        return String.format("%08x", value);
    }

    private static String hex(long value) {
        return String.format("%016x", value);
    }

    private static CorruptionException damaged(Path path, String what, Throwable cause) {
        return new CorruptionException(QuireError.INVALID_BACKUP, path, what, cause);
    }

    /** Judges what the parser found. */
    private record Reader(Path path) {

        Manifest manifest(Object root) {
            Map<?, ?> map = map(root);
            long version = number(map, "format", 0, Integer.MAX_VALUE);
            if (version != VERSION && version != VERSION_OF_FULLS) {
                throw new QuireException(
                        QuireError.INVALID_BACKUP, path, "is of a format that this version does not know", null);
            }
            boolean old = version == VERSION_OF_FULLS;
            BackupKind kind = kind(map, old);
            int generationBytes = (int) number(map, "generationBytes", GENERATION_BYTES_MIN, GENERATION_BYTES_MAX);
            List<Manifest.CopiedDatabase> databases = new ArrayList<>();
            list(map, "databases").forEach(each -> databases.add(database(map(each))));
            List<Manifest.CopiedGeneration> generations = new ArrayList<>();
            list(map, "generations").forEach(each -> generations.add(generation(map(each), generationBytes)));
            long pages = kind.hasPages() ? 1 : 0;
            Manifest manifest = new Manifest(
                    id(map, "id"),
                    kind,
                    old ? "" : label(map),
                    old ? 0 : number(map, "mark", 1, Long.MAX_VALUE),
                    number(map, "createdMs", 0, Long.MAX_VALUE),
                    signature(map, "logSignature"),
                    generationBytes,
                    number(map, "redoStart", pages, pages * Long.MAX_VALUE),
                    number(map, "consistentFrom", pages, pages * Long.MAX_VALUE),
                    number(map, "end", 1, Long.MAX_VALUE),
                    (int) number(map, "nextDatabaseId", 1, Integer.MAX_VALUE),
                    kind.hasPages() ? null : new Manifest.BuiltOn(id(map, "full"), id(map, "previous")),
                    List.copyOf(databases),
                    List.copyOf(generations));
            checkOrder(manifest);
            return manifest;
        }

        private BackupKind kind(Map<?, ?> map, boolean old) {
            String word = text(map, "kind");
            for (BackupKind kind : BackupKind.values()) {
                boolean known = old ? kind == BackupKind.FULL : kind != BackupKind.TRUNCATE_ONLY;
                if (known && kind.word().equals(word)) {
                    return kind;
                }
            }
            throw damaged(path, "has no sound kind=" + word, null);
        }

        private String id(Map<?, ?> map, String name) {
            String id = text(map, name);
            require(id.matches("[0-9a-f]{16}"), name + '=' + id);
            return id;
        }

        private String label(Map<?, ?> map) {
            String label = text(map, "label");
            require(Label.isOne(label), "label");
            return label;
        }

        private void checkOrder(Manifest manifest) {
            List<Manifest.CopiedGeneration> generations = manifest.generations();
            require(!generations.isEmpty() && generations.size() <= GENERATIONS_MAX, "number of generations");
            for (int i = 1; i < generations.size(); i++) {
                require(
                        generations.get(i).generation()
                                == generations.get(i - 1).generation() + 1,
                        "gap before generation=" + generations.get(i).generation());
            }
            Manifest.CopiedGeneration last = generations.get(generations.size() - 1);
            require(manifest.end() == Lsn.of(last.generation(), last.closingOffset()), "end=" + manifest.end());
            boolean marked = manifest.mark() == 0
                    || Lsn.generation(manifest.mark()) >= manifest.generationLow() && manifest.mark() < manifest.end();
            require(marked, "mark=" + manifest.mark());
            boolean ordered = manifest.redoStart() <= manifest.consistentFrom()
                    && manifest.consistentFrom() <= manifest.end()
                    && (!manifest.kind().hasPages()
                            || Lsn.generation(manifest.redoStart()) >= manifest.generationLow());
            require(ordered, "redoStart=" + manifest.redoStart() + " consistentFrom=" + manifest.consistentFrom());
            checkDatabases(manifest);
        }

        private void checkDatabases(Manifest manifest) {
            List<Attachment> databases = manifest.databases().stream()
                    .map(Manifest.CopiedDatabase::attachment)
                    .toList();
            int most = manifest.kind().hasPages() ? DATABASES_MAX : 0;
            require(databases.size() <= most, "databases=" + databases.size());
            boolean distinct = databases.stream()
                                    .map(Attachment::name)
                                    .distinct()
                                    .count()
                            == databases.size()
                    && databases.stream().map(Attachment::id).distinct().count() == databases.size()
                    && databases.stream().map(Attachment::signature).distinct().count() == databases.size();
            require(distinct, "list of databases: one stands twice");
            for (Attachment database : databases) {
                require(database.id() < manifest.nextDatabaseId(), "nextDatabaseId=" + manifest.nextDatabaseId());
                require(database.from() <= manifest.end(), "from=" + database.from());
            }
        }

        private Manifest.CopiedDatabase database(Map<?, ?> map) {
            String name = text(map, "name");
            require(Names.isDatabaseName(name), "name of a database");
            int pageSize = (int) number(map, "pageSize", PageLayout.PAGE_BYTES_MIN, PageLayout.PAGE_BYTES_MAX);
            require(PageLayout.isPageSize(pageSize), "pageSize=" + pageSize);
            long pages = number(map, "pages", 4, PageLayout.FILE_BYTES_MAX / pageSize);
            Attachment attachment = new Attachment(
                    (int) number(map, "id", 1, Integer.MAX_VALUE - 1),
                    name,
                    signature(map, "signature"),
                    pageSize,
                    number(map, "from", 0, Long.MAX_VALUE),
                    Long.MAX_VALUE);
            // Two bits a page of whole regions; behind them a file is grown ahead, but never by more than it has.
            long regionBytes = AllocationLayout.regionPages(pageSize) / 4;
            long useBytes = number(map, "useBytes", pages / 8, pages / 4 + regionBytes);
            require(useBytes % regionBytes == 0, "useBytes=" + useBytes);
            return new Manifest.CopiedDatabase(
                    attachment, pages, number(map, "usedPages", 0, pages), useBytes, crc(map, "useCrc32c"));
        }

        private Manifest.CopiedGeneration generation(Map<?, ?> map, int generationBytes) {
            return new Manifest.CopiedGeneration(
                    (int) number(map, "generation", 1, Integer.MAX_VALUE - 1),
                    (int) number(map, "closingOffset", 4096, generationBytes),
                    crc(map, "chain"));
        }

        private Map<?, ?> map(Object value) {
            require(value instanceof Map<?, ?>, "an object is missing");
            return (Map<?, ?>) value;
        }

        private List<?> list(Map<?, ?> map, String name) {
            require(map.get(name) instanceof List<?>, name);
            return (List<?>) map.get(name);
        }

        private String text(Map<?, ?> map, String name) {
            require(map.get(name) instanceof String, name);
            return (String) map.get(name);
        }

        private long number(Map<?, ?> map, String name, long min, long max) {
            require(map.get(name) instanceof Long, name);
            long value = (Long) map.get(name);
            require(value >= min && value <= max, name + '=' + value);
            return value;
        }

        private long signature(Map<?, ?> map, String name) {
            String text = text(map, name);
            require(text.matches("[0-9a-f]{16}"), name + '=' + text);
            return Long.parseUnsignedLong(text, 16);
        }

        private int crc(Map<?, ?> map, String name) {
            String text = text(map, name);
            require(text.matches("[0-9a-f]{8}"), name + '=' + text);
            return Integer.parseUnsignedInt(text, 16);
        }

        private void require(boolean holds, String what) {
            if (!holds) {
                throw damaged(path, "has no sound " + what, null);
            }
        }
    }
}
