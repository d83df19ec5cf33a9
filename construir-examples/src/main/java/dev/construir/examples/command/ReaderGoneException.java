package dev.construir.examples.command;

import java.io.IOException;
import java.io.Serial;

/** Whoever read stdout has gone away, as head does when it has enough. That is no failure: the command ends without a word. */
final class ReaderGoneException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    ReaderGoneException(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
