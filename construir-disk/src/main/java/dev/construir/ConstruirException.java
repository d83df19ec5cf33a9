package dev.construir;

import dev.construir.text.ControlCharacters;
import java.io.Serial;

/**
 * Something prevented a run from being carried out. How a job ended is never an exception: see
 * {@code dev.construir.run.Outcome}.
 *
 * <p>The message says what was tried, what came back and what to do about it. It never holds the environment, and no
 * control characters but line feeds: names of files, and what a guest or a hypervisor said, are shown with escapes such
 * as {@code \x1b}.
 *
 * @since 0.1
 */
public class ConstruirException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception without a cause.
     *
     * @param message what was tried, what came back, what to do
     */
    public ConstruirException(String message) {
        super(ControlCharacters.escape(message));
    }

    /**
     * Creates an exception with a cause.
     *
     * @param message what was tried, what came back, what to do
     * @param cause what failed below
     */
    public ConstruirException(String message, Throwable cause) {
        super(ControlCharacters.escape(message), cause);
    }
}
