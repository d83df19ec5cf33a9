package dev.construir.qemu.qmp;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;

/** What QEMU says: one line each. */
sealed interface QmpMessage {
    /** The first line. */
    record Greeting() implements QmpMessage {}

    /** The answer to a command that worked. */
    record Reply(long id, JsonElement value) implements QmpMessage {}

    /** The answer to a command that failed. */
    record Failure(long id, String description) implements QmpMessage {}

    /** Something that happened. */
    record Event(QmpEvent event) implements QmpMessage {}

    /** A member of a later protocol version, or a reply to nothing we asked. */
    record Unknown() implements QmpMessage {}

    static QmpMessage parse(String line) throws QmpException {
        try {
            JsonReader reader = new JsonReader(new StringReader(line));
            reader.setStrictness(Strictness.STRICT);
            JsonElement element = JsonParser.parseReader(reader);
            if (element instanceof JsonObject object && reader.peek() == JsonToken.END_DOCUMENT) {
                return of(object);
            }
            throw new QmpException("QEMU's QMP socket sent no JSON object: " + excerpt(line));
        } catch (IOException | RuntimeException e) { // what is of another type than it should be shows in many ways
            throw new QmpException("QEMU's QMP socket sent what is no QMP: " + excerpt(line), e);
        }
    }

    /** Writes a command as one line. */
    static String command(String name, JsonObject arguments, long id) {
        JsonObject command = new JsonObject();
        command.addProperty("execute", name);
        if (!arguments.isEmpty()) {
            command.add("arguments", arguments);
        }
        command.addProperty("id", id);
        return command + "\n";
    }

    private static QmpMessage of(JsonObject object) {
        if (object.has("QMP")) {
            return new Greeting();
        }
        if (object.has("event")) {
            JsonObject data = object.has("data") ? object.getAsJsonObject("data") : new JsonObject();
            return new Event(new QmpEvent(object.get("event").getAsString(), data));
        }
        if (object.has("return") && object.has("id")) {
            return new Reply(object.get("id").getAsLong(), object.get("return"));
        }
        if (object.has("error") && object.has("id")) {
            JsonElement description = object.getAsJsonObject("error").get("desc");
            return new Failure(
                    object.get("id").getAsLong(), description == null ? "no reason given" : description.getAsString());
        }
        return new Unknown();
    }

    private static String excerpt(String line) {
        return line.length() <= 120 ? line : line.substring(0, 120) + "...";
    }
}
