package dev.construir.qemu.qmp;

import java.io.IOException;
import java.io.Serial;

/** QEMU did not do what a command asked for, did not answer, or broke the protocol. */
public final class QmpException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what was tried and what came back
     */
    public QmpException(String message) {
        super(message);
    }

    QmpException(String message, Throwable cause) {
        super(message, cause);
    }
}
