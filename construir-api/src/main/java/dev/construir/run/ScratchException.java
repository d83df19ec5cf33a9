package dev.construir.run;

import dev.construir.ConstruirException;
import java.io.IOException;
import java.io.Serial;

/**
 * This host had no scratch directory for a run, which is not the job's fault.
 *
 * @since 0.1
 */
public final class ScratchException extends ConstruirException {
    @Serial
    private static final long serialVersionUID = 1L;

    ScratchException(String message, IOException cause) {
        super(message, cause);
    }
}
