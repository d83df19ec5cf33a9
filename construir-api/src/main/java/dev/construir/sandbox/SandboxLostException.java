package dev.construir.sandbox;

import dev.construir.ConstruirException;

/**
 * A sandbox cannot be used any more: its machine has ended, or its channel is broken. What was under way may have been
 * carried out, wholly or in part.
 *
 * @since 0.1
 */
public final class SandboxLostException extends ConstruirException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what was tried, and why the sandbox is lost
     */
    public SandboxLostException(String message) {
        super(message);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message what was tried, and why the sandbox is lost
     * @param cause what failed below
     */
    public SandboxLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
