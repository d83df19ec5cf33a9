package dev.construir.qemu.commandline;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;

/** JSON objects written as they read: {@code object("driver", "raw", "read-only", true)}. */
final class JsonArgument {
    private JsonArgument() {}

    static JsonObject object(Object... namesAndValues) {
        JsonObject object = new JsonObject();
        return with(object, namesAndValues);
    }

    static JsonObject with(JsonObject object, Object... namesAndValues) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.add((String) namesAndValues[i], element(namesAndValues[i + 1]));
        }
        return object;
    }

    private static JsonElement element(Object value) {
        if (value instanceof JsonElement element) {
            return element;
        }
        if (value instanceof Boolean flag) {
            return new JsonPrimitive(flag);
        }
        if (value instanceof Number number) {
            return new JsonPrimitive(number);
        }
        return new JsonPrimitive(value.toString());
    }
}
