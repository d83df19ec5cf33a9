package dev.construir;

import java.io.Serial;

/**
 * A compressed image cannot be read at any place without unpacking it first: its blocks are too large, too many, or
 * take too much memory to decode. The image may be whole.
 *
 * @since 0.1
 */
public class NotSeekableException extends DiskFormatException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what is too large, and what to do
     */
    public NotSeekableException(String message) {
        super(message);
    }
}
