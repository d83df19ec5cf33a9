package dev.construir.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes a guest's bytes apart into frames, and refuses what no guest sends. Needs as much memory as the largest frame.
 * Not safe for use by many threads.
 */
public final class FrameDecoder {
    // from position to limit: what was read and not yet returned
    private final ByteBuffer bytes = ByteBuffer.allocate(2 * (Frame.HEADER + Frame.LARGEST_PAYLOAD));

    /** Receives the guest's bytes. */
    @FunctionalInterface
    public interface Source {
        /**
         * Reads some bytes.
         *
         * @param into where to put them; has room for at least one
         * @return how many, or -1 at the end
         * @throws IOException if they cannot be read
         */
        int read(ByteBuffer into) throws IOException;
    }

    /** Creates a decoder, which has seen no bytes yet. */
    public FrameDecoder() {
        bytes.limit(0);
    }

    /**
     * Returns the next frame, whose payload is valid until the next call.
     *
     * @return the frame; null at the end, also in the middle of a frame: a machine that is killed ends anywhere
     * @throws ProtocolException if these are no frames
     */
    @Nullable
    Frame next(Source source) throws IOException {
        while (true) {
            Optional<Frame> frame = take();
            if (frame.isPresent()) {
                return frame.get();
            }
            bytes.compact();
            int read = source.read(bytes);
            bytes.flip();
            if (read < 0) {
                return null;
            }
        }
    }

    private Optional<Frame> take() throws ProtocolException {
        if (bytes.remaining() < Frame.HEADER) {
            return Optional.empty();
        }
        int at = bytes.position();
        long length = Integer.toUnsignedLong(bytes.getInt(at));
        if (length > Frame.LARGEST_PAYLOAD) {
            throw new ProtocolException(
                    "a frame of " + length + " bytes, where " + Frame.LARGEST_PAYLOAD + " are the most");
        }
        int number = Byte.toUnsignedInt(bytes.get(at + 4));
        FrameType type = FrameType.ofGuest(number)
                .orElseThrow(() -> new ProtocolException("a frame of type " + number + ", which no guest sends"));
        if (bytes.getShort(at + 6) != 0) {
            throw new ProtocolException("a frame whose reserved bytes are not 0");
        }
        if (bytes.remaining() < Frame.HEADER + length) {
            return Optional.empty();
        }
        ByteBuffer payload = bytes.slice(at + Frame.HEADER, (int) length).asReadOnlyBuffer();
        bytes.position(at + Frame.HEADER + (int) length);
        return Optional.of(new Frame(type, Byte.toUnsignedInt(bytes.get(at + 5)), bytes.getInt(at + 8), payload));
    }
}
