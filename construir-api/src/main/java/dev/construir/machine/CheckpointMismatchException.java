package dev.construir.machine;

import java.io.Serial;

/**
 * A machine cannot go on from a checkpoint, because it, the hypervisor or the host is of another kind than the machine
 * that was saved. Where the kind is what it was before, another checkpoint helps.
 *
 * @since 0.1
 */
public class CheckpointMismatchException extends HypervisorException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what was tried, what came back, what to do
     */
    public CheckpointMismatchException(String message) {
        super(message);
    }
}
