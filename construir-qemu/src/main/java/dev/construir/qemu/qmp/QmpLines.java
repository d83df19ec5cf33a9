package dev.construir.qemu.qmp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Splits a channel into lines of bounded length. */
final class QmpLines {
    private static final int BUFFER = 16 << 10;

    private final ReadableByteChannel channel;
    private final int longest;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).limit(0);

    QmpLines(ReadableByteChannel channel, int longest) {
        this.channel = channel;
        this.longest = longest;
    }

    /**
     * Reads the next line, without its end.
     *
     * @return the line, or empty at the end
     * @throws QmpException if it is too long, or the last one stops in its middle
     */
    Optional<String> next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            while (buffer.hasRemaining()) {
                byte b = buffer.get();
                if (b == '\n') {
                    return Optional.of(line.toString(StandardCharsets.UTF_8));
                }
                if (line.size() == longest) {
                    throw new QmpException("QEMU's QMP socket sent a line of more than " + longest + " bytes");
                }
                line.write(b);
            }
            int read = channel.read(buffer.clear());
            buffer.flip();
            if (read < 0) {
                if (line.size() > 0) {
                    throw new QmpException("QEMU's QMP socket was closed in the middle of a line");
                }
                return Optional.empty();
            }
        }
    }
}
