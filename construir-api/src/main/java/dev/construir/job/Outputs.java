package dev.construir.job;

import dev.construir.disk.read.Selection;
import java.util.List;

/**
 * Which files of its disk a job gives back, see {@link Job#outputs}. Immutable.
 *
 * @since 0.1
 */
public sealed interface Outputs {
    /**
     * What the job created or changed, {@code /construir.log} among it; not {@code /construir.status}, which is not the
     * job's. {@link Selection#changedSince} defines what counts as changed. If the disk cannot be read before the job
     * starts, everything counts.
     */
    Outputs CHANGED = new Changed();

    /** Everything but {@code /lost+found}. */
    Outputs ALL = new All();

    /**
     * Returns outputs that are named by globs: {@code build/*.jar}, {@code **}{@code /TEST-*.xml}, or {@code reports},
     * which is all that is in it. They are relative to the root of the disk; {@link Selection#matching} defines their
     * syntax.
     *
     * @param globs the globs, one or more
     * @return the outputs
     * @throws IllegalArgumentException if there is none, or one is no glob; the message says where in it
     */
    static Outputs matching(String... globs) {
        return new Matching(List.of(globs));
    }

    /** See {@link #CHANGED}. */
    record Changed() implements Outputs {}

    /** See {@link #ALL}. */
    record All() implements Outputs {}

    /**
     * See {@link #matching}.
     *
     * @param globs the globs
     */
    record Matching(List<String> globs) implements Outputs {
        /**
         * Checks the globs.
         *
         * @param globs see {@link #globs()}
         * @throws IllegalArgumentException if there is none, or one is no glob; the message says where in it
         */
        public Matching {
            globs = List.copyOf(globs);
            if (globs.isEmpty()) {
                throw new IllegalArgumentException("no globs: name one or more, or take Outputs.CHANGED or ALL");
            }
            Selection unused = Selection.matching(globs);
        }
    }
}
