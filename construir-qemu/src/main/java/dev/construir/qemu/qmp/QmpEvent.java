package dev.construir.qemu.qmp;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Optional;

/**
 * Something that happened in QEMU.
 *
 * @param name the event's name, for example {@code SHUTDOWN}
 * @param data what it carries, empty if nothing
 */
public record QmpEvent(String name, JsonObject data) {

    /**
     * Returns a text the event carries.
     *
     * @param member the member's name
     * @return its value, or empty if there is none or it is no text
     */
    public Optional<String> text(String member) {
        return primitive(member).filter(e -> e.getAsJsonPrimitive().isString()).map(JsonElement::getAsString);
    }

    /**
     * Returns whether a flag the event carries is set.
     *
     * @param member the member's name
     * @return whether it is there and true
     */
    public boolean flag(String member) {
        return primitive(member)
                .filter(e -> e.getAsJsonPrimitive().isBoolean())
                .map(JsonElement::getAsBoolean)
                .orElse(false);
    }

    private Optional<JsonElement> primitive(String member) {
        return Optional.ofNullable(data.get(member)).filter(JsonElement::isJsonPrimitive);
    }
}
