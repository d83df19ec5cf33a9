package dev.construir.machine;

import java.nio.file.Path;

/**
 * What a job's own code may do with its machine while it runs. Safe for use by many threads.
 *
 * @since 0.1
 */
public interface MachineConnection {
    /**
     * Returns the connection to the guest's port {@value MachineSpec#SANDBOX_PORT}.
     *
     * @return the same channel at every call, until the machine's end, which closes it
     */
    MachineChannel channel();

    /**
     * Saves the machine as it is; the rules of {@link Machine#checkpoint} hold.
     *
     * @param directory where to: it does not exist, or is empty
     * @throws HypervisorException if it cannot be saved
     * @throws InterruptedException if the thread was interrupted; the machine goes on
     */
    void checkpoint(Path directory) throws HypervisorException, InterruptedException;
}
