package dev.construir.command.sandbox;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes a client's input on to its command, on a daemon thread of its own, which waits while the command reads nothing:
 * the thread that receives from the client does not. Reports each piece that the command took.
 */
final class InputRelay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InputRelay.class);
    private static final byte[] END = {};

    private final KeeperConnection connection;
    private final OutputStream stdin;
    private final BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(InputWindow.MESSAGES + 1);

    /**
     * Begins to pass on.
     *
     * @param connection takes the reports
     * @param stdin the command's input; owned
     */
    InputRelay(KeeperConnection connection, OutputStream stdin) {
        this.connection = connection;
        this.stdin = stdin;
        Thread thread = new Thread(this::pass, "construir-keeper-input");
        thread.setDaemon(true);
        thread.start();
    }

    /** Takes a piece, and does not wait. */
    void add(byte[] bytes) throws IOException {
        if (bytes.length > 0 && !pieces.offer(bytes)) {
            throw new IOException("more input than may be on its way");
        }
    }

    /** Takes the end, and does not wait. */
    void end() throws IOException {
        if (!pieces.offer(END)) {
            throw new IOException("more ends than input has");
        }
    }

    private void pass() {
        try (stdin) {
            for (byte[] piece = pieces.take(); piece != END; piece = pieces.take()) {
                stdin.write(piece);
                stdin.flush();
                connection.send(KeeperConnection.Kind.INPUT_TAKEN);
            }
        } catch (IOException e) {
            LOG.debug("no more input is taken: {}", e.toString());
            refuse();
        } catch (InterruptedException e) {
            LOG.trace("its command has ended");
        }
    }

    private void refuse() {
        try {
            connection.send(KeeperConnection.Kind.INPUT_REFUSED);
        } catch (IOException e) {
            LOG.debug("the client is gone: {}", e.toString());
        }
    }

    /** Passes on no more. The command has ended, which wakes the thread: an interrupt would close the connection. */
    @Override
    public void close() {
        pieces.clear();
        boolean unused = pieces.offer(END);
    }
}
