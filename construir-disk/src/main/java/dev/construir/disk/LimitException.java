package dev.construir.disk;

import dev.construir.DiskFormatException;
import java.io.Serial;

/**
 * A limit was met. Ends an extraction, while other damage costs an entry.
 *
 * @since 0.1
 */
public final class LimitException extends DiskFormatException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message which limit was met, and by what
     */
    public LimitException(String message) {
        super(message);
    }
}
