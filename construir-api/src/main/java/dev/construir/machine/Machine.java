package dev.construir.machine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A started machine. Safe for use by many threads.
 *
 * <pre>{@code
 * machine.writeConsole(ByteBuffer.wrap("poweroff\n".getBytes(StandardCharsets.US_ASCII)));
 * if (machine.usage().cpu().toMinutes() > 5) {
 *     machine.kill("used more than 5 minutes of processor time");
 * }
 * }</pre>
 *
 * @since 0.1
 */
public interface Machine extends AutoCloseable {
    /**
     * Returns what runs this machine.
     *
     * @return the same value at every call
     */
    MachineInfo info();

    /**
     * Returns how the machine ended. The future completes exactly once, never exceptionally, after the machine is gone
     * and both of its streams were read to their end; dependent actions run on a backend thread unless they are
     * asynchronous.
     *
     * @return the same future at every call; completing it has no effect on the machine
     */
    CompletableFuture<MachineExit> exit();

    /**
     * Returns the resource usage so far, or the last known totals once the machine has ended. Returns within a second,
     * also if the machine does not respond.
     *
     * @return the latest usage known
     */
    Usage usage();

    /**
     * Types on the machine's console, the first serial port: what the guest reads there. Nothing is added, no line feed
     * either, and nothing is echoed but by the guest.
     *
     * <p>Blocks until the hypervisor has taken the bytes, of which a limited number wait on the host: for as long as
     * the guest does not read, or the machine's end. The bytes of one call are not mixed with those of another.
     *
     * @param bytes what to type; its position advances by the number of accepted bytes
     * @throws IOException if the machine ended before it took them all, or has ended already
     * @throws InterruptedException if the thread was interrupted; what was accepted may reach the guest nevertheless,
     *     and the machine goes on
     * @throws UnsupportedOperationException if the backend cannot type, which is what this method does unless it is
     *     overridden
     */
    default void writeConsole(ByteBuffer bytes) throws IOException, InterruptedException {
        throw new UnsupportedOperationException("the backend " + info().hypervisor()
                + " cannot type on a machine's console; use another one, for example qemu");
    }

    /**
     * Returns the connection to the guest's port {@value MachineSpec#SANDBOX_PORT}, which sandboxes use.
     *
     * @return the same channel at every call, until the machine's end, which closes it; empty if the backend has none,
     *     which is the default
     */
    default Optional<MachineChannel> channel() {
        return Optional.empty();
    }

    /**
     * Saves the machine as it is at one instant, its memory and its disks: any number of machines can go on from there,
     * by {@link Boot.Checkpoint}, with the processors, the memory and the disks of this one, whose writable disks begin
     * as copies of what was saved. The machine stands still meanwhile, for as long as its memory takes to be written,
     * and goes on afterwards. The guest should write its file systems back before, and be silent.
     *
     * @param directory where to: it does not exist, or is empty. On failure, it may be there and of no use
     * @throws HypervisorException if it cannot be saved; also if this backend, or a machine that was booted and not
     *     resumed, cannot be, which is so unless it is overridden
     * @throws InterruptedException if the thread was interrupted; the machine goes on
     */
    default void checkpoint(Path directory) throws HypervisorException, InterruptedException {
        throw new HypervisorException(
                "the backend " + info().hypervisor() + " saves no checkpoints; use another one, for example qemu");
    }

    /**
     * Returns where a checkpoint keeps the copy of a writable disk, from which a machine that goes on from there begins.
     *
     * @param checkpoint the directory that {@link #checkpoint} has written
     * @param disk the disk's index in the machine's specification
     * @return the file's path, a raw image
     */
    static Path savedDisk(Path checkpoint, int disk) {
        return checkpoint.resolve("disk-" + disk + ".img");
    }

    /**
     * Kills the machine without regard for the guest, and returns at once. The first reason counts; after the end this
     * does nothing.
     *
     * @param why the reason, as {@link MachineExit.Killed} will give it
     */
    void kill(String why);

    /**
     * Kills the machine if it still runs, waits until it is gone, or given up as {@link MachineExit.Lost}, and releases
     * all it held on the host. Idempotent. An interrupt does not cut the wait short, and the thread's interrupt status
     * is kept.
     */
    @Override
    void close();
}
