package dev.construir.backend;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports to the writer of a stream how much of it was read, if the writer reads that. Never waits, and never fails.
 */
final class ReceiptWriter {
    private static final Logger LOG = LoggerFactory.getLogger(ReceiptWriter.class);

    private final SocketChannel stream;
    private long acknowledged = -1;
    private ByteBuffer line = ByteBuffer.allocate(0);
    private boolean heard = true;

    /** Creates a writer to a socket that does not block. */
    ReceiptWriter(SocketChannel stream) {
        this.stream = stream;
    }

    /**
     * Writes how many bytes were read so far, unless that was written already.
     *
     * @return whether there is nothing more to write; if there is, it should be called again once the socket has room
     */
    boolean tell(long total) {
        try {
            while (heard && (line.hasRemaining() || acknowledged < total)) {
                if (!line.hasRemaining()) {
                    line = ByteBuffer.wrap((total + "\n").getBytes(StandardCharsets.US_ASCII));
                    acknowledged = total;
                }
                if (stream.write(line) == 0) {
                    return false;
                }
            }
        } catch (IOException e) { // the other end is gone, and what it has said before is there to be read all the same
            LOG.debug("the guest reads no more receipts: {}", e.toString());
            heard = false;
        }
        return true;
    }
}
