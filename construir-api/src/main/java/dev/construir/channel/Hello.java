package dev.construir.channel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/**
 * What the host begins a connection with, and the answer that belongs to it.
 *
 * @param payload the frame's bytes
 * @param nonce what the answer repeats
 */
record Hello(ByteBuffer payload, ByteBuffer nonce) {
    private static final byte[] MAGIC = "CNSB".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int NONCE = 16;
    private static final int SEED = 32;

    static Hello of(String hostName, Random random) {
        byte[] nonce = new byte[NONCE];
        byte[] seed = new byte[SEED];
        random.nextBytes(nonce);
        random.nextBytes(seed);
        byte[] host = hostName.getBytes(StandardCharsets.UTF_8);
        ByteBuffer payload = ByteBuffer.allocate(MAGIC.length + 4 + NONCE + SEED + 4 + host.length)
                .put(MAGIC)
                .putShort((short) VERSION)
                .putShort((short) VERSION)
                .put(nonce)
                .put(seed)
                .putInt(host.length)
                .put(host)
                .flip();
        return new Hello(payload, ByteBuffer.wrap(nonce));
    }

    /** Checks an answer, which is read to its end. */
    void check(ByteBuffer answer) throws ProtocolException {
        if (answer.remaining() != MAGIC.length + 4 + NONCE) {
            throw new ProtocolException("a greeting of " + answer.remaining() + " bytes");
        }
        byte[] magic = new byte[MAGIC.length];
        answer.get(magic);
        int version = Short.toUnsignedInt(answer.getShort());
        int highest = Short.toUnsignedInt(answer.getShort());
        if (!Arrays.equals(magic, MAGIC)) {
            throw new ProtocolException("a greeting in another language");
        } else if (!answer.equals(nonce)) {
            throw new ProtocolException("the answer of another machine");
        } else if (version != VERSION) {
            throw new ProtocolException("its highest version is " + highest + ", and this library speaks only version "
                    + VERSION + "; build the root image anew");
        }
    }
}
