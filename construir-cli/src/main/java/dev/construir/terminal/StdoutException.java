package dev.construir.terminal;

import dev.construir.text.Reason;
import java.io.IOException;
import java.io.Serial;

/** Stdout cannot be written, which is what has to be said where other files are read or written at the same time. */
final class StdoutException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final String reason;

    StdoutException(IOException cause) {
        super("stdout could not be written: " + Reason.of(cause), cause);
        reason = Reason.of(cause);
    }

    /** Returns why it cannot, alone. */
    static String reason(IOException failure) {
        return failure instanceof StdoutException stdout ? stdout.reason : Reason.of(failure);
    }
}
