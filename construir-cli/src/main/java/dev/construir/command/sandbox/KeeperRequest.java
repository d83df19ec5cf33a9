package dev.construir.command.sandbox;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a command wants of a keeper.
 *
 * @param kind the task
 * @param texts the command's arguments; or the two paths of a copy
 * @param environment variables
 * @param user the command's user
 * @param directory its directory
 * @param input whether it has an input
 * @param rows the rows of its terminal; -1 if it has none
 * @param columns the columns
 */
record KeeperRequest(
        Kind kind,
        List<String> texts,
        Map<String, String> environment,
        String user,
        String directory,
        boolean input,
        int rows,
        int columns) {
    /** The tasks. */
    enum Kind {
        EXEC,
        COPY_IN,
        COPY_OUT,
        STATE,
        CLOSE
    }

    KeeperRequest {
        texts = List.copyOf(texts);
        environment = Map.copyOf(environment);
    }

    static KeeperRequest of(Kind kind, String... texts) {
        return new KeeperRequest(kind, List.of(texts), Map.of(), "", "", false, -1, 0);
    }

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            text(out, kind.name());
            texts(out, texts);
            texts(out, List.copyOf(environment.keySet()));
            texts(out, List.copyOf(environment.values()));
            text(out, user);
            text(out, directory);
            out.writeBoolean(input);
            out.writeInt(rows);
            out.writeInt(columns);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not expected: it is memory
        }
        return bytes.toByteArray();
    }

    static KeeperRequest decode(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        return new KeeperRequest(
                Kind.valueOf(text(in)),
                texts(in),
                environment(in),
                text(in),
                text(in),
                in.readBoolean(),
                in.readInt(),
                in.readInt());
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(encoded.length);
        out.write(encoded);
    }

    private static void texts(DataOutputStream out, List<String> texts) throws IOException {
        out.writeInt(texts.size());
        for (String text : texts) {
            text(out, text);
        }
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    private static Map<String, String> environment(DataInputStream in) throws IOException {
        List<String> names = texts(in);
        List<String> values = texts(in);
        Map<String, String> variables = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            variables.put(names.get(i), values.get(i));
        }
        return variables;
    }

    private static List<String> texts(DataInputStream in) throws IOException {
        List<String> texts = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            texts.add(text(in));
        }
        return texts;
    }
}
