package dev.construir.sandbox;

import dev.construir.ConstruirException;

/**
 * A sandbox as it was at one instant, from which any number of independent sandboxes go on: memory, disks, and whatever
 * ran. Safe for use by many threads.
 *
 * <pre>{@code
 * try (Checkpoint installed = vm.checkpoint();
 *         Sandbox first = installed.open();
 *         Sandbox second = installed.open()) {
 *     first.sh("echo first > /tmp/mine").run();
 *     second.sh("test ! -e /tmp/mine").run().orThrow();
 * }
 * }</pre>
 *
 * <p>Each of them has its own random numbers, time and host name before its first command. What ran as the checkpoint
 * was made runs on in each, with its input at its end and its output dropped: connect to a service by a
 * {@linkplain Sandbox#forward port}. The checkpoint is a directory that only this user can enter, as large as what the
 * machine had in its memory and had written; it goes with {@link #close}.
 *
 * @since 0.1
 */
public interface Checkpoint extends AutoCloseable {
    /**
     * Opens a sandbox that goes on from here, by the name of the one that was saved.
     *
     * @return the sandbox, to be closed by the caller; also after this checkpoint was closed
     * @throws SandboxLostException if its machine ended, or its guest did not answer
     * @throws ConstruirException if the machine could not be started
     * @throws InterruptedException if the thread was interrupted; nothing of the machine is left then
     * @throws IllegalStateException if this checkpoint, or the runner of the sandbox that was saved, is closed
     */
    Sandbox open() throws ConstruirException, InterruptedException;

    /**
     * Opens a sandbox that goes on from here.
     *
     * @param options its name, limits and listener; its resources and its network must be those of the sandbox that was
     *     saved
     * @return the sandbox, to be closed by the caller; also after this checkpoint was closed
     * @throws SandboxLostException if its machine ended, or its guest did not answer
     * @throws ConstruirException if the machine could not be started
     * @throws InterruptedException if the thread was interrupted; nothing of the machine is left then
     * @throws IllegalStateException if this checkpoint, or the runner of the sandbox that was saved, is closed
     */
    Sandbox open(SandboxOptions options) throws ConstruirException, InterruptedException;

    /** Removes what was saved. Sandboxes that were opened from it stay. Idempotent. */
    @Override
    void close();
}
