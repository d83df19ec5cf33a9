package dev.construir.sandbox;

import dev.construir.ConstruirException;

/**
 * The guest could not carry out what it was asked for; the sandbox can be used further.
 *
 * @since 0.1
 */
public final class SandboxException extends ConstruirException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what was tried, and what the guest answered
     */
    public SandboxException(String message) {
        super(message);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message what was tried, and what came back
     * @param cause what failed below
     */
    public SandboxException(String message, Throwable cause) {
        super(message, cause);
    }
}
