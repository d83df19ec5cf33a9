package dev.construir.testkit;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The guest's end of the sandbox channel: frames. One thread receives, many send. */
final class GuestPort {
    static final int HELLO = 1;
    static final int PING = 2;
    static final int PONG = 3;
    static final int END = 4;
    static final int QUIESCE = 5;
    static final int QUIET = 6;
    static final int RESUME = 7;
    static final int OPEN = 16;
    static final int STARTED = 17;
    static final int DATA = 18;
    static final int EOF = 19;
    static final int WINDOW = 20;
    static final int SIGNAL = 21;
    static final int RESIZE = 22;
    static final int RESET = 23;
    static final int INCOMING = 24;
    static final int ENDED = 25;

    private static final int HEADER = 12;
    private static final int LARGEST = 64 << 10;

    private final DataInputStream in;
    private final OutputStream out;
    // guarded by this
    private final List<byte[]> held = new ArrayList<>();
    private boolean quiet;

    /** A frame of the host. */
    record Received(int type, int channel, int stream, ByteBuffer payload) {
        byte[] bytes() {
            byte[] bytes = new byte[payload.remaining()];
            payload.duplicate().get(bytes);
            return bytes;
        }
    }

    GuestPort(InputStream in, OutputStream out) {
        this.in = new DataInputStream(in);
        this.out = out;
    }

    /** Returns the next frame. */
    Received receive() throws IOException {
        int length = in.readInt();
        int type = in.readUnsignedByte();
        int channel = in.readUnsignedByte();
        int reserved = in.readUnsignedShort();
        int stream = in.readInt();
        if (length < 0 || length > LARGEST || reserved != 0) {
            throw new IOException("the host sent a frame of " + length + " bytes");
        }
        byte[] payload = in.readNBytes(length);
        if (payload.length < length) {
            throw new EOFException();
        }
        return new Received(type, channel, stream, ByteBuffer.wrap(payload));
    }

    /** Sends a frame, and waits until the port has taken it. */
    synchronized void send(int type, int channel, int stream, ByteBuffer payload) throws IOException {
        int length = payload.remaining();
        ByteBuffer frame = ByteBuffer.allocate(HEADER + length)
                .putInt(length)
                .put((byte) type)
                .put((byte) channel)
                .putShort((short) 0)
                .putInt(stream)
                .put(payload.duplicate());
        if (type == HELLO) {
            held.clear();
            quiet = false;
        }
        if (quiet) {
            held.add(frame.array());
        } else {
            out.write(frame.array());
        }
        quiet = quiet || type == QUIET;
    }

    /** Ends the silence that the host asked for, with what is due since. */
    synchronized void resume() throws IOException {
        quiet = false;
        for (byte[] frame : held) {
            out.write(frame);
        }
        held.clear();
    }
}
