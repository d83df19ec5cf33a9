package dev.construir.command;

import dev.construir.ConstruirException;
import java.util.function.Supplier;

/** Gives a value to the library, which knows its range. */
final class OptionRange {
    private OptionRange() {}

    /**
     * Returns what a value makes.
     *
     * @param option the option that the value comes from, for example {@code --memory}
     * @param made makes it
     * @throws ConstruirException if the value is out of its range; the message names the option
     */
    static <T> T check(String option, Supplier<T> made) throws ConstruirException {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new ConstruirException(option + ": " + e.getMessage(), e);
        }
    }
}
