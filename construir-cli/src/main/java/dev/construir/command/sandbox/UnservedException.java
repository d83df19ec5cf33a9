package dev.construir.command.sandbox;

import dev.construir.ConstruirException;
import org.jspecify.annotations.Nullable;

/** A sandbox with a name cannot be used. */
public final class UnservedException extends ConstruirException {
    private static final long serialVersionUID = 1;

    /** What it is instead. */
    public enum State {
        /** It ended, and nothing of it runs. */
        ENDED,
        /** It is being opened, or being closed. */
        BUSY,
        /** Its keeper is there, and does not answer. */
        SILENT,
        /** Its keeper is not to be trusted, or cannot be reached. */
        REFUSED
    }

    private final State state;
    private final String how;

    UnservedException(String name, State state, String how, @Nullable Throwable cause) {
        super("the sandbox " + name + " " + how);
        if (cause != null) {
            Throwable unused = initCause(cause);
        }
        this.state = state;
        this.how = how;
    }

    /** Returns what it is instead. */
    public State state() {
        return state;
    }

    /** Returns the message without the sandbox's name. */
    public String how() {
        return how;
    }
}
