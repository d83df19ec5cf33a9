package dev.construir;

import java.io.IOException;
import java.io.Serial;

/**
 * A disk image is not what it should be: damaged, hostile, of another format, or beyond the limits it is read with. The
 * message names the structure and where in the image it stands.
 *
 * @since 0.1
 */
public class DiskFormatException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception without a cause.
     *
     * @param message the structure, its place, what was found and what is allowed
     */
    public DiskFormatException(String message) {
        super(message);
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message the structure, its place, what was found and what is allowed
     * @param cause what failed below
     */
    public DiskFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
