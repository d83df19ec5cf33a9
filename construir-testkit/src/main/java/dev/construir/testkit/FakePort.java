package dev.construir.testkit;

import dev.construir.machine.MachineChannel;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.util.Objects;

/** Both ends of the sandbox port of a machine in memory. Safe for use by many threads. */
final class FakePort {
    private static final int BYTES = 64 << 10;

    private final BytePipe toGuest = new BytePipe(BYTES);
    private final BytePipe toHost = new BytePipe(BYTES);
    private final MachineChannel channel = new HostEnd();
    private final InputStream fromHost = new GuestInput();
    private final OutputStream guestOutput = new GuestOutput();

    MachineChannel channel() {
        return channel;
    }

    InputStream fromHost() {
        return fromHost;
    }

    OutputStream toHost() {
        return guestOutput;
    }

    /** The machine has ended: the host reads what has come, and then the end. */
    void end() {
        toHost.end();
        toGuest.close();
    }

    private final class HostEnd implements MachineChannel {
        @Override
        public int read(ByteBuffer into) throws IOException {
            try {
                return toHost.read(into);
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }

        @Override
        public void write(ByteBuffer bytes) throws IOException {
            try {
                toGuest.write(bytes);
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }

        private IOException interrupted() {
            Thread.currentThread().interrupt();
            close();
            return new ClosedByInterruptException();
        }

        @Override
        public void close() {
            toHost.close();
            toGuest.end();
        }
    }

    private final class GuestInput extends InputStream {
        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, into.length);
            if (length == 0) {
                return 0;
            }
            try {
                return toGuest.read(ByteBuffer.wrap(into, offset, length));
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }
    }

    private final class GuestOutput extends OutputStream {
        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            toHost.writeWhole(ByteBuffer.wrap(bytes, offset, length));
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted at the sandbox port");
    }
}
