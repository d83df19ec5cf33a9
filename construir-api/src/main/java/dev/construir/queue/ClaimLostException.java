package dev.construir.queue;

import java.io.IOException;

/**
 * A claim's job belongs to another by now, so that no verdict on it counts: the queue gave it to another worker while this one was silent, or
 * somebody took it away. Whoever gets this has nothing more to do than to close the claim.
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
