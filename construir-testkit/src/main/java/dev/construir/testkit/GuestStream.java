package dev.construir.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The guest's end of one stream: its three channels with their windows, and its one end. Safe for use by many threads. */
final class GuestStream {
    static final int EXITED = 0;
    static final int KILLED = 1;
    static final int FAILED = 2;

    private static final int WINDOW = 256 << 10;
    private static final int LARGEST_DATA = 64 << 10;
    private static final int WORTH_A_FRAME = WINDOW / 4;

    private final int id;
    private final GuestPort port;
    private final long begin = System.nanoTime();
    private final BytePipe arrived = new BytePipe(WINDOW);
    private final InputStream input = new Input();
    private final OutputStream[] outputs = {new Output(1), new Output(2)};
    // guarded by this
    private final int[] credit = {WINDOW, WINDOW};
    private final boolean[] closed = new boolean[2];
    private int room = WINDOW;
    private int consumed;
    private boolean severed;
    private boolean dropping;
    private boolean over;

    GuestStream(int id, GuestPort port) {
        this.id = id;
        this.port = port;
    }

    int id() {
        return id;
    }

    /** Returns channel 0. */
    InputStream input() {
        return input;
    }

    /** Returns channel 1 or 2. */
    OutputStream output(int channel) {
        return outputs[channel - 1];
    }

    synchronized void receive(byte[] data) throws IOException, InterruptedException {
        room -= data.length;
        if (room < 0 || data.length == 0) {
            throw new IOException("the host sent data beyond its window");
        }
        if (!severed && !over) {
            arrived.write(ByteBuffer.wrap(data)); // has room for a window
        }
    }

    void endInput() {
        arrived.end();
    }

    synchronized void grant(int channel, int bytes) throws IOException {
        if (channel < 1 || channel > 2 || bytes < 1 || credit[channel - 1] + bytes > WINDOW) {
            throw new IOException("the host granted " + bytes + " bytes of channel " + channel);
        }
        credit[channel - 1] += bytes;
        notifyAll();
    }

    synchronized void started(int number) throws IOException {
        if (!over) {
            port.send(
                    GuestPort.STARTED,
                    0,
                    id,
                    ByteBuffer.allocate(4).putInt(number).flip());
        }
    }

    /** Announces a connection, unless the stream has ended. */
    synchronized void incoming(int connection) throws IOException {
        if (over) {
            throw new IOException("it does not listen any more");
        }
        port.send(
                GuestPort.INCOMING,
                0,
                id,
                ByteBuffer.allocate(4).putInt(connection).flip());
    }

    /** Ends the stream, once: nothing is sent behind it. */
    synchronized void end(int how, int code, String message) throws IOException {
        sever();
        if (over) {
            return;
        }
        over = true;
        byte[] text = message.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(text.length, 1024);
        port.send(
                GuestPort.ENDED,
                0,
                id,
                ByteBuffer.allocate(40 + length)
                        .put((byte) how)
                        .put((byte) 0)
                        .putShort((short) code)
                        .putLong(0)
                        .putLong(0)
                        .putLong(0)
                        .putLong((System.nanoTime() - begin) / 1000)
                        .putInt(length)
                        .put(text, 0, length)
                        .flip());
    }

    /** Lets everything that is read or written fail. */
    synchronized void sever() {
        severed = true;
        arrived.close();
        notifyAll();
    }

    /** The host has begun anew: the input is at its end, and the output is dropped. */
    synchronized void forget() {
        dropping = true;
        over = true;
        arrived.end();
        notifyAll();
    }

    private final class Input extends InputStream {
        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, into.length);
            if (length == 0) {
                return 0;
            }
            int count;
            try {
                count = arrived.read(ByteBuffer.wrap(into, offset, length));
            } catch (InterruptedException e) {
                throw interrupted();
            }
            passedOn(Math.max(0, count));
            return count;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }
    }

    private synchronized void passedOn(int count) throws IOException {
        consumed += count;
        if (consumed >= WORTH_A_FRAME && !over) {
            room += consumed;
            port.send(
                    GuestPort.WINDOW,
                    0,
                    id,
                    ByteBuffer.allocate(4).putInt(consumed).flip());
            consumed = 0;
        }
    }

    private final class Output extends OutputStream {
        private final int channel;

        Output(int channel) {
            this.channel = channel;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int done = 0; done < length; ) {
                done += send(channel, bytes, offset + done, length - done);
            }
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        /** Ends the channel. */
        @Override
        public void close() throws IOException {
            endOutput(channel);
        }
    }

    private synchronized int send(int channel, byte[] bytes, int offset, int length) throws IOException {
        while (credit[channel - 1] == 0 && !severed && !dropping) {
            try {
                wait();
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }
        if (severed || closed[channel - 1]) {
            throw new IOException("Broken pipe");
        } else if (dropping) {
            return length;
        }
        int count = Math.min(length, Math.min(LARGEST_DATA, credit[channel - 1]));
        credit[channel - 1] -= count;
        port.send(GuestPort.DATA, channel, id, ByteBuffer.wrap(bytes, offset, count));
        return count;
    }

    private synchronized void endOutput(int channel) throws IOException {
        if (!closed[channel - 1] && !over && !severed) {
            closed[channel - 1] = true;
            port.send(GuestPort.EOF, channel, id, ByteBuffer.allocate(0));
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("Interrupted system call");
    }
}
