package dev.construir.command.sandbox;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/**
 * Messages between a command and the keeper of a sandbox, in either direction: a kind, and bytes whose length is given.
 * Both ends are of the same user and version. One thread reads; any may write. Streams of the JDK over a channel
 * keep reading and writing apart only since Java 19.
 */
final class KeeperConnection implements AutoCloseable {
    private static final int HEADER = 5;
    private static final int LARGEST = 8 << 20; // arguments and variables have 4 MiB at most

    private final SocketChannel channel;
    private final Object writing = new Object();

    /** What a message is. */
    enum Kind {
        REQUEST('R'),
        INPUT('I'),
        INPUT_END('Z'),
        /** The keeper has passed on an {@link #INPUT}, of which only so many may be on their way. */
        INPUT_TAKEN('T'),
        /** The command takes no more. */
        INPUT_REFUSED('X'),
        SIGNAL('S'),
        RESIZE('W'),
        OUTPUT('O'),
        ERRORS('E'),
        END('.');

        private final byte letter;

        Kind(char letter) {
            this.letter = (byte) letter;
        }

        static Kind of(byte letter) throws IOException {
            return Arrays.stream(values())
                    .filter(kind -> kind.letter == letter)
                    .findFirst()
                    .orElseThrow(() -> new IOException("a message of kind " + letter));
        }
    }

    /**
     * A message.
     *
     * @param kind what it is
     * @param bytes what it holds
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, not compared
    record Message(Kind kind, byte[] bytes) {}

    KeeperConnection(SocketChannel channel) {
        this.channel = channel;
    }

    void send(Kind kind, byte[] bytes, int length) throws IOException {
        ByteBuffer message = ByteBuffer.allocate(HEADER + length)
                .put(kind.letter)
                .putInt(length)
                .put(bytes, 0, length)
                .flip();
        synchronized (writing) {
            while (message.hasRemaining()) {
                int unused = channel.write(message);
            }
        }
    }

    void send(Kind kind, byte... bytes) throws IOException {
        send(kind, bytes, bytes.length);
    }

    Message receive() throws IOException {
        ByteBuffer header = fill(ByteBuffer.allocate(HEADER));
        Kind kind = Kind.of(header.get());
        int length = header.getInt();
        if (length < 0 || length > LARGEST) {
            throw new IOException("a message of " + length + " bytes");
        }
        return new Message(kind, fill(ByteBuffer.allocate(length)).array());
    }

    private ByteBuffer fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("the other end is gone");
            }
        }
        return buffer.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
