package dev.construir.channel;

import java.nio.ByteBuffer;

/**
 * One frame.
 *
 * @param type its type
 * @param channel the channel, 0 to 255
 * @param stream the stream, as an unsigned number; 0 is the connection
 * @param payload its bytes, from position to limit
 */
record Frame(FrameType type, int channel, int stream, ByteBuffer payload) {
    /** The bytes before the payload. */
    static final int HEADER = 12;

    /** The most bytes that a payload has. */
    static final int LARGEST_PAYLOAD = 65_536;

    /** Returns the frame's bytes. */
    ByteBuffer encode() {
        return ByteBuffer.allocate(HEADER + payload.remaining())
                .putInt(payload.remaining())
                .put(type.number())
                .put((byte) channel)
                .putShort((short) 0)
                .putInt(stream)
                .put(payload.duplicate())
                .flip();
    }

    static Frame of(FrameType type, int stream, byte... payload) {
        return new Frame(type, 0, stream, ByteBuffer.wrap(payload));
    }
}
