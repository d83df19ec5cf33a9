package dev.construir.disk;

import java.io.IOException;
import java.io.Serial;

/**
 * The content does not fit on the disk being written. The message says how big the disk is.
 *
 * @since 0.1
 */
public final class DiskFullException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what did not fit, and where
     */
    public DiskFullException(String message) {
        super(message);
    }
}
