package dev.construir.terminal;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes one JSON document, in UTF-8, with a line feed at its end. */
public final class JsonOutput implements AutoCloseable {
    /** The version of all documents. It changes if a field is removed or changes its meaning; fields may be added. */
    public static final int VERSION = 1;

    private static final Gson GSON =
            new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

    private final OutputStreamWriter out;
    private final JsonWriter json;

    /**
     * Opens a document on a stream, which stays open.
     *
     * @param stream where it goes
     */
    public JsonOutput(OutputStream stream) {
        out = new OutputStreamWriter(stream, StandardCharsets.UTF_8);
        json = new JsonWriter(out);
        json.setIndent("  ");
    }

    /** Returns the writer of the document, for one that is too large for a map. */
    public JsonWriter writer() {
        return json;
    }

    /**
     * Writes an object of maps, lists, texts, numbers and truth values.
     *
     * @param object its fields
     * @throws IOException if the stream cannot be written
     */
    public void write(Map<String, ?> object) throws IOException {
        GSON.toJson(object, Map.class, json);
    }

    /** Writes what is left, and the line feed. */
    @Override
    public void close() throws IOException {
        json.flush();
        out.write('\n');
        out.flush();
    }
}
