package dev.construir.machine;

import java.util.Objects;
import java.util.OptionalDouble;

/**
 * Work that a backend does once so that later machines start faster, and that the first machine waits for.
 *
 * @param stage what kind of work it is
 * @param subject what the work is done on, in words that follow the stage's verb, for example a file's name
 * @param fraction how much of this stage is done, 0 to 1; empty where that is not known
 * @since 0.1
 */
public record Preparation(Stage stage, String subject, OptionalDouble fraction) {
    /** A kind of work. */
    public enum Stage {
        /** A file is read, to find out whether it is the one that an earlier machine was made with. */
        READING("reading"),
        /** Another run, of this process or of another one, does the work. */
        WAITING("waiting for"),
        /** A machine boots, up to where its guest waits for a job. */
        BOOTING("booting"),
        /** The memory of that machine is kept. */
        SAVING("saving");

        private final String verb;

        Stage(String verb) {
            this.verb = verb;
        }
    }

    /**
     * Checks the fraction.
     *
     * @param stage what kind of work it is
     * @param subject what the work is done on
     * @param fraction how much is done, 0 to 1; empty if that is not known
     * @throws IllegalArgumentException if the fraction is not between 0 and 1
     */
    public Preparation {
        Objects.requireNonNull(stage, "stage");
        Objects.requireNonNull(subject, "subject");
        if (fraction.isPresent() && !(fraction.getAsDouble() >= 0 && fraction.getAsDouble() <= 1)) {
            throw new IllegalArgumentException("a fraction is between 0 and 1, not " + fraction.getAsDouble());
        }
    }

    /**
     * Returns a preparation of which it is not known how much is done.
     *
     * @param stage what kind of work it is
     * @param subject what the work is done on
     * @return the preparation
     */
    public static Preparation of(Stage stage, String subject) {
        return new Preparation(stage, subject, OptionalDouble.empty());
    }

    /**
     * Returns the same preparation further on.
     *
     * @param done how much is done, 0 to 1
     * @return the preparation
     * @throws IllegalArgumentException if the fraction is not between 0 and 1
     */
    public Preparation withFraction(double done) {
        return new Preparation(stage, subject, OptionalDouble.of(done));
    }

    /**
     * Describes the work in a line.
     *
     * @return for example {@code reading /images/debian/root.img, 40 %}
     */
    public String describe() {
        String text = stage.verb + " " + subject;
        return fraction.isPresent() ? text + ", " + (int) (100 * fraction.getAsDouble()) + " %" : text;
    }

    /** Returns {@link #describe}. */
    @Override
    public String toString() {
        return describe();
    }
}
