package dev.construir.machine;

import dev.construir.ConstruirException;
import java.io.Serial;

/**
 * A hypervisor is missing, does not work here, or did not start a machine.
 *
 * @since 0.1
 */
public class HypervisorException extends ConstruirException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception without a cause.
     *
     * @param message what was tried, what came back, what to do
     */
    public HypervisorException(String message) {
        super(message);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message what was tried, what came back, what to do
     * @param cause what failed below
     */
    public HypervisorException(String message, Throwable cause) {
        super(message, cause);
    }
}
