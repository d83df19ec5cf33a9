package dev.construir.terminal;

import java.io.IOException;
import java.io.Serial;

/**
 * Whoever read stdout has gone away, as head does when it has enough. That is no failure: the command ends without a
 * word.
 */
public final class ReaderGoneException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    public ReaderGoneException(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
