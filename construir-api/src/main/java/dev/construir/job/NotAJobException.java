package dev.construir.job;

import dev.construir.text.ControlCharacters;
import java.io.IOException;
import java.io.Serial;

/** A directory that cannot be a job. Known before any of it is read. */
public final class NotAJobException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    NotAJobException(String message) {
        super(ControlCharacters.escape(message));
    }
}
