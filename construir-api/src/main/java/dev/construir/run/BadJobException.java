package dev.construir.run;

import dev.construir.ConstruirException;
import java.io.Serial;

/**
 * A job's disk has no {@code bin/construir} that the root image could execute. Known before a machine is started.
 *
 * @since 0.1
 */
public final class BadJobException extends ConstruirException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** 126 or 127. */
    private final int exitCode;

    private BadJobException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    static BadJobException notFound(String message) {
        return new BadJobException(127, message);
    }

    static BadJobException notExecutable(String message) {
        return new BadJobException(126, message);
    }

    /**
     * Returns the exit code that a shell gives for it.
     *
     * @return 126 if there is something that cannot be executed, 127 if nothing, or not its interpreter, can be found
     */
    public int exitCode() {
        return exitCode;
    }
}
