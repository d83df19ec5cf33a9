package dev.construir.command.disk;

import com.google.gson.stream.JsonWriter;
import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.Partition;
import dev.construir.terminal.JsonOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The JSON of {@code ls --json}. Entries are written as they are found: a disk may have millions. The schema is
 * {@code docs/reference/schema/ls.schema.json}.
 */
final class ListDocument implements AutoCloseable {
    private final JsonOutput output;
    private final JsonWriter json;
    private final Map<String, String> damaged = new LinkedHashMap<>();

    /** Begins a document with entries. */
    ListDocument(JsonOutput output, String image, String path) throws IOException {
        this.output = output;
        this.json = output.writer();
        json.beginObject();
        json.name("version").value(JsonOutput.VERSION);
        json.name("image").value(image);
        json.name("path").value(path);
        json.name("entries").beginArray();
    }

    /** Writes an entry. */
    void entry(DiskEntry entry, Optional<String> target) throws IOException {
        Attributes attributes = entry.attributes();
        json.beginObject();
        json.name("path").value(entry.path());
        json.name("type").value(word(entry.kind()));
        json.name("mode").value(String.format(Locale.ROOT, "%04o", attributes.mode()));
        json.name("links").value(entry.links());
        json.name("uid").value(attributes.uid());
        json.name("gid").value(attributes.gid());
        json.name("size").value(entry.size());
        json.name("modified").value(attributes.modified().toString());
        if (target.isPresent()) {
            json.name("target").value(target.get());
        }
        json.endObject();
    }

    private static String word(DiskEntry.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** Notes what could not be read; it is written at the end. */
    void damaged(String path, String what) {
        damaged.put(path, what);
    }

    @Override
    public void close() throws IOException {
        json.endArray();
        json.name("damaged").beginArray();
        for (Map.Entry<String, String> one : damaged.entrySet()) {
            json.beginObject();
            json.name("path").value(one.getKey());
            json.name("reason").value(one.getValue());
            json.endObject();
        }
        json.endArray();
        json.endObject();
        output.close();
    }

    /** Returns the document of a disk's partitions. */
    static Map<String, Object> of(String image, List<Partition> partitions) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("version", JsonOutput.VERSION);
        fields.put("image", image);
        fields.put("partitions", partitions.stream().map(ListDocument::of).toList());
        return fields;
    }

    private static Map<String, Object> of(Partition partition) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("number", partition.number());
        fields.put("start", partition.start());
        fields.put("size", partition.size().bytes());
        partition.content().ifPresent(content -> fields.put("holds", content));
        fields.put("type", partition.type());
        fields.put("readable", partition.readable());
        return fields;
    }
}
