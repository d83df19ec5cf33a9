package dev.construir.backend;

import dev.construir.text.Reason;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Unix socket that waits for one connection and disappears from the file system once it has it. Owns the file.
 *
 * @since 0.1
 */
public final class ListeningSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ListeningSocket.class);
    private static final int LONGEST_PATH = 100; // sun_path holds 107 bytes on Linux and 103 on macOS

    private final Path path;
    private final ServerSocketChannel server;

    private ListeningSocket(Path path, ServerSocketChannel server) {
        this.path = path;
        this.server = server;
    }

    /**
     * Binds a socket, however long the directory's path is.
     *
     * @param directory a directory that only this user can enter
     * @param name the socket's name in it
     * @return the socket, to be closed by the caller
     * @throws IOException if it cannot be bound
     */
    public static ListeningSocket bind(Path directory, String name) throws IOException {
        Path path = directory.resolve(name);
        if (path.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_PATH) {
            return new ListeningSocket(path, bindTo(path));
        }
        // The address is needed only while binding, so that a link that lives as long is enough.
        Path shortcut = Files.createTempDirectory("cq");
        Path link = shortcut.resolve("d");
        try {
            Files.createSymbolicLink(link, directory);
            return new ListeningSocket(path, bindTo(link.resolve(name)));
        } finally {
            Files.deleteIfExists(link);
            Files.deleteIfExists(shortcut);
        }
    }

    /**
     * Waits for the connection. No other process can connect after that.
     *
     * @return the connection, to be closed by the caller
     * @throws IOException if this socket was closed
     */
    public SocketChannel accept() throws IOException {
        SocketChannel connection = server.accept();
        close();
        return connection;
    }

    /** Stops waiting and removes the socket's file. Idempotent. */
    @Override
    public void close() {
        try {
            server.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.warn("could not remove the socket {}: {}", path, Reason.of(e));
        }
    }

    private static ServerSocketChannel bindTo(Path path) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            return server.bind(UnixDomainSocketAddress.of(path), 1);
        } catch (IOException e) {
            server.close();
            throw new IOException("could not bind the socket " + path + ": " + e.getMessage(), e);
        }
    }

    /** Returns where it listens. */
    @Override
    public String toString() {
        return "socket " + path;
    }
}
