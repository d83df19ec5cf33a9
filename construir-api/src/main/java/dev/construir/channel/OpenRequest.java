package dev.construir.channel;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a stream is opened for: pure functions from values to the payload of {@code OPEN}. */
public final class OpenRequest {
    private static final int EXEC = 1;
    private static final int UNPACK = 2;
    private static final int PACK = 3;
    private static final int CONNECT = 4;
    private static final int LISTEN = 5;

    private static final int TERMINAL = 1;
    private static final int MERGED = 2;
    private static final int NO_INPUT = 4;

    private OpenRequest() {}

    /**
     * A command.
     *
     * @param arguments the program first
     * @param environment texts {@code NAME=VALUE}
     * @param user its user; empty for root
     * @param directory its directory; empty for {@code /job}
     * @param merged whether stderr goes to stdout
     * @param input whether it has an input
     * @param rows the rows of its terminal; -1 if it has none
     * @param columns the columns of its terminal
     */
    public record Exec(
            List<String> arguments,
            List<String> environment,
            String user,
            String directory,
            boolean merged,
            boolean input,
            int rows,
            int columns) {
        /**
         * Copies the lists.
         *
         * @param arguments see {@link #arguments()}
         * @param environment see {@link #environment()}
         * @param user see {@link #user()}
         * @param directory see {@link #directory()}
         * @param merged see {@link #merged()}
         * @param input see {@link #input()}
         * @param rows see {@link #rows()}
         * @param columns see {@link #columns()}
         */
        public Exec {
            arguments = List.copyOf(arguments);
            environment = List.copyOf(environment);
        }

        /**
         * Returns whether it has a terminal.
         *
         * @return whether it has
         */
        public boolean hasTerminal() {
            return rows >= 0;
        }
    }

    /**
     * Returns the request for a command.
     *
     * @param command the command
     * @return the payload
     */
    public static ByteBuffer exec(Exec command) {
        int flags = (command.hasTerminal() ? TERMINAL : 0)
                | (command.merged() ? MERGED : 0)
                | (command.input() ? 0 : NO_INPUT);
        Fields fields = new Fields(EXEC);
        fields.bytes.write(flags);
        fields.number16(Math.max(0, command.rows())).number16(command.columns());
        fields.text(command.user()).text(command.directory());
        fields.texts(command.arguments()).texts(command.environment());
        return fields.payload();
    }

    /**
     * Returns the request to make files of a tree.
     *
     * @param directory the directory they go to
     * @return the payload
     */
    public static ByteBuffer unpack(String directory) {
        return new Fields(UNPACK).text(directory).payload();
    }

    /**
     * Returns the request for a tree of files.
     *
     * @param path what the tree holds
     * @return the payload
     */
    public static ByteBuffer pack(String path) {
        return new Fields(PACK).text(path).payload();
    }

    /**
     * Returns the request for a connection to a port of the guest.
     *
     * @param port the port
     * @return the payload
     */
    public static ByteBuffer connect(int port) {
        return new Fields(CONNECT).number16(port).payload();
    }

    /**
     * Returns the request to accept connections in the guest.
     *
     * @param port the port; 0 for any
     * @return the payload
     */
    public static ByteBuffer listen(int port) {
        return new Fields(LISTEN).number16(port).payload();
    }

    /** Returns whether a request is to accept connections. */
    static boolean isListen(ByteBuffer request) {
        return request.hasRemaining() && request.get(request.position()) == LISTEN;
    }

    private static final class Fields {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Fields(int kind) {
            bytes.write(kind);
        }

        Fields number16(int number) {
            bytes.write(number >> 8);
            bytes.write(number);
            return this;
        }

        Fields number32(int number) {
            return number16(number >>> 16).number16(number);
        }

        Fields text(String text) {
            byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
            number32(encoded.length);
            bytes.writeBytes(encoded);
            return this;
        }

        Fields texts(List<String> texts) {
            number32(texts.size());
            texts.forEach(this::text);
            return this;
        }

        ByteBuffer payload() {
            return ByteBuffer.wrap(bytes.toByteArray());
        }
    }
}
