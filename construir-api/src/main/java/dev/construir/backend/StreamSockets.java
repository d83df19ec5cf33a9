package dev.construir.backend;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The sockets that a machine's hypervisor connects its streams to. Owns their files.
 *
 * @param console the socket of the console
 * @param output the socket of the job's output
 * @param sandbox the socket of the sandbox port
 * @since 0.1
 */
public record StreamSockets(ListeningSocket console, ListeningSocket output, ListeningSocket sandbox)
        implements AutoCloseable {
    /**
     * Binds all sockets, or none of them.
     *
     * @param directory a directory that only this user can enter
     * @param console the name of the console's socket in it
     * @param output the name of the output's socket in it
     * @param sandbox the name of the sandbox port's socket in it
     * @return the sockets, to be closed by the caller or handed to {@link MachineStreams#start}
     * @throws IOException if one of them cannot be bound
     */
    public static StreamSockets bind(Path directory, String console, String output, String sandbox) throws IOException {
        List<ListeningSocket> bound = new ArrayList<>();
        boolean complete = false;
        try {
            for (String name : List.of(console, output, sandbox)) {
                bound.add(ListeningSocket.bind(directory, name));
            }
            complete = true;
            return new StreamSockets(bound.get(0), bound.get(1), bound.get(2));
        } finally {
            if (!complete) {
                bound.forEach(ListeningSocket::close);
            }
        }
    }

    /** Stops waiting for connections and removes the files. Idempotent. */
    @Override
    public void close() {
        console.close();
        output.close();
        sandbox.close();
    }
}
