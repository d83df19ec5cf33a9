package dev.construir.run;

import dev.construir.machine.MachineChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.IntConsumer;

/**
 * A channel that reports how many bytes pass, so that a machine that is talked with is not idle.
 *
 * @param channel passes the bytes
 * @param count receives their numbers
 */
record CountedChannel(MachineChannel channel, IntConsumer count) implements MachineChannel {
    @Override
    public int read(ByteBuffer into) throws IOException {
        int read = channel.read(into);
        count.accept(Math.max(0, read));
        return read;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        channel.write(bytes);
        count.accept(length);
    }

    @Override
    public void close() {
        channel.close();
    }
}
