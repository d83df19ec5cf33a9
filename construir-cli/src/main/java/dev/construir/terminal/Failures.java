package dev.construir.terminal;

import dev.construir.text.Reason;
import java.io.IOException;

/** Says what went wrong. */
public final class Failures {
    private Failures() {}

    public static String describe(Exception failure) {
        if (failure instanceof IOException e) {
            return Reason.of(e);
        }
        String message = failure.getMessage();
        return message == null || failure instanceof RuntimeException ? failure.toString() : message;
    }
}
