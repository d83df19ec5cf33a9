package dev.construir.fuzz;

import dev.construir.machine.MachineChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A guest that answers the greeting, and then, when it is let go, sends bytes and ends. Takes whatever it is sent. */
final class BytesChannel implements MachineChannel {
    private static final int NONCE_AT = 12 + 8;
    private static final int NONCE = 16;

    private final ByteBuffer bytes;
    // guarded by this
    private final ByteArrayOutputStream greeting = new ByteArrayOutputStream();
    private Optional<ByteBuffer> answer = Optional.empty();
    private boolean answered;
    private boolean going;
    private boolean closed;

    BytesChannel(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
    }

    /** Lets it send its bytes. */
    synchronized void go() {
        going = true;
        notifyAll();
    }

    @Override
    public synchronized int read(ByteBuffer into) throws IOException {
        try {
            while (!closed && (answer.isEmpty() || (answered && !going))) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        if (closed) {
            throw new IOException("closed");
        } else if (!answered) {
            answered = true;
            into.put(answer.get());
            return 12 + 24;
        }
        int count = Math.min(into.remaining(), bytes.remaining());
        into.put(bytes.slice(bytes.position(), count));
        bytes.position(bytes.position() + count);
        return count == 0 ? -1 : count;
    }

    @Override
    public synchronized void write(ByteBuffer from) {
        byte[] copy = new byte[from.remaining()];
        from.get(copy);
        if (answer.isEmpty()) {
            greeting.writeBytes(copy);
            if (greeting.size() >= NONCE_AT + NONCE) {
                answer = Optional.of(ByteBuffer.allocate(12 + 24)
                        .putInt(24)
                        .putInt(1 << 24)
                        .putInt(0)
                        .putInt(0x434e5342)
                        .putInt(1 << 16)
                        .put(greeting.toByteArray(), NONCE_AT, NONCE)
                        .flip());
                notifyAll();
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
