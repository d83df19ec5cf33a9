package dev.construir.machine;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The connection to the guest's virtio-serial port {@value MachineSpec#SANDBOX_PORT}: bytes in both directions, which
 * the backend passes on as they are. What comes from it is the guest's to choose.
 *
 * <p>One thread at a time may read, and one may write. Nothing is read ahead: while no thread reads, the guest's writes
 * to this port wait, and nothing else does. An interrupt of a thread that reads or writes closes the channel.
 *
 * @since 0.1
 */
public interface MachineChannel extends AutoCloseable {
    /**
     * Reads bytes, and waits until there are some.
     *
     * @param into where to put them; has room for at least one
     * @return how many were read, at least 1; or -1 at the end, which the machine's end brings
     * @throws IOException if the channel is closed or broken
     */
    int read(ByteBuffer into) throws IOException;

    /**
     * Writes bytes, and waits until all were taken: for as long as the guest does not read.
     *
     * @param bytes the bytes; the position is at the limit afterwards
     * @throws IOException if the channel is closed or broken; some of the bytes may have been taken
     */
    void write(ByteBuffer bytes) throws IOException;

    /** Closes the channel, whose threads receive an {@link IOException}. The machine goes on. Idempotent. */
    @Override
    void close();
}
