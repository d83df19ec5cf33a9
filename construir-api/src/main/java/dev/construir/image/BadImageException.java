package dev.construir.image;

import dev.construir.ConstruirException;
import java.io.Serial;

/**
 * A root image is missing, cannot be read, or is not what it says it is.
 *
 * @since 0.1
 */
public final class BadImageException extends ConstruirException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception without a cause.
     *
     * @param message what was tried, what came back, what to do
     */
    public BadImageException(String message) {
        super(message);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message what was tried, what came back, what to do
     * @param cause what failed below
     */
    public BadImageException(String message, Throwable cause) {
        super(message, cause);
    }
}
