package dev.construir.run;

import dev.construir.ConstruirException;
import java.io.Serial;

/**
 * A job did not succeed. Thrown by {@link JobResult#orThrow}.
 *
 * @since 0.1
 */
public final class JobFailedException extends ConstruirException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Outcome outcome;

    JobFailedException(String message, Outcome outcome) {
        super(message);
        this.outcome = outcome;
    }

    /**
     * Returns how the job ended.
     *
     * @return the outcome, never a success
     */
    public Outcome outcome() {
        return outcome;
    }
}
