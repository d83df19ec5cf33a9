package dev.construir.backend;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The two sockets that a machine's hypervisor connects its streams to. Owns their files.
 *
 * @param console the socket of the console
 * @param output the socket of the job's output
 * @since 0.1
 */
public record StreamSockets(ListeningSocket console, ListeningSocket output) implements AutoCloseable {
    /**
     * Binds both sockets, or none of them.
     *
     * @param directory a directory that only this user can enter
     * @param console the name of the console's socket in it
     * @param output the name of the output's socket in it
     * @return the sockets, to be closed by the caller or handed to {@link MachineStreams#start}
     * @throws IOException if one of them cannot be bound
     */
    public static StreamSockets bind(Path directory, String console, String output) throws IOException {
        ListeningSocket first = ListeningSocket.bind(directory, console);
        boolean bound = false;
        try {
            StreamSockets sockets = new StreamSockets(first, ListeningSocket.bind(directory, output));
            bound = true;
            return sockets;
        } finally {
            if (!bound) {
                first.close();
            }
        }
    }

    /** Stops waiting for connections and removes the files. Idempotent. */
    @Override
    public void close() {
        console.close();
        output.close();
    }
}
