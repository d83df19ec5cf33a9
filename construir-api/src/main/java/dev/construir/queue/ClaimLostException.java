package dev.construir.queue;

import java.io.IOException;

/**
 * Thrown when a claim's job is not its worker's any more, so that no verdict counts: the queue gave it to another
 * worker while this one was silent, or a user removed it. The caller only has to close the claim.
 *
 * @since 0.1
 */
public class ClaimLostException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * Creates an exception.
     *
     * @param message what became of the job
     * @param cause what was tried and failed
     */
    public ClaimLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
