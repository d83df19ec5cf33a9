package dev.construir.examples.command;

import dev.construir.Reason;
import java.io.IOException;

/** Says what went wrong. */
final class Failures {
    private Failures() {}

    static String describe(Exception failure) {
        if (failure instanceof IOException e) {
            return Reason.of(e);
        }
        String message = failure.getMessage();
        return message == null || failure instanceof RuntimeException ? failure.toString() : message;
    }
}
