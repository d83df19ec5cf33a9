package dev.construir.job;

import dev.construir.text.ControlCharacters;
import java.io.IOException;
import java.io.Serial;

/**
 * A directory cannot be a job. The check comes before any of its content is read.
 *
 * @since 0.1
 */
public final class NotAJobException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    NotAJobException(String message) {
        super(ControlCharacters.escape(message));
    }
}
