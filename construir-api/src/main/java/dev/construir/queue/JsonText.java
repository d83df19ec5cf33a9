package dev.construir.queue;

import java.util.Map;

/** Writes a JSON object (RFC 8259) of strings, numbers, truths and objects, as maps that keep their order. */
final class JsonText {
    private static final String INDENT = "  ";

    private final StringBuilder text = new StringBuilder();

    private JsonText() {}

    static String of(Map<String, ?> object) {
        JsonText json = new JsonText();
        json.object(object, "\n");
        return json.text.append('\n').toString();
    }

    private void object(Map<?, ?> object, String newLine) {
        String separator = "";
        text.append('{');
        for (Map.Entry<?, ?> entry : object.entrySet()) {
            text.append(separator).append(newLine).append(INDENT);
            string(entry.getKey().toString());
            text.append(": ");
            value(entry.getValue(), newLine + INDENT);
            separator = ",";
        }
        text.append(object.isEmpty() ? "" : newLine).append('}');
    }

    private void value(Object value, String newLine) {
        if (value instanceof Map<?, ?> object) {
            object(object, newLine);
        } else if (value instanceof Number || value instanceof Boolean) {
            text.append(value);
        } else {
            string(value.toString());
        }
    }

    private void string(String value) {
        text.append('"');
        value.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                text.append('\\').append((char) c);
            } else if (c < ' ' || c == 0x7f || Character.isSurrogate((char) c)) {
                // half a pair is no character, and a whole one may be written so as well
                text.append(String.format("\\u%04x", c));
            } else {
                text.append((char) c);
            }
        });
        text.append('"');
    }
}
