package dev.construir.sandbox;

import dev.construir.DataSize;
import dev.construir.run.Outcome;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * How an execution ended, as the guest reports it. A guest can report what it likes: this is no evidence, as the
 * {@linkplain dev.construir.run.Outcome outcome} of a job is.
 *
 * <pre>{@code
 * if (result.end() instanceof ExecutionEnd.Exited exited) {
 *     System.out.println("exit status " + exited.code());
 * } else if (result.end() instanceof ExecutionEnd.Lost lost) {
 *     System.out.println("lost: " + lost.why());
 * } else {
 *     System.out.println(result.end().describe());
 * }
 * }</pre>
 *
 * @since 0.1
 */
public sealed interface ExecutionEnd {
    /**
     * Returns a description that follows the name of the command.
     *
     * @return a clause without a full stop
     */
    String describe();

    /**
     * Returns the exit code by which a shell or the command passes it on.
     *
     * @return 0 to 255: the exit status; 128 + n for signal n; 124 for a limit, its own or the sandbox's; 125 if it was not
     *     started, its input failed, or it is lost
     */
    int exitCode();

    /**
     * Returns whether it exited with status 0.
     *
     * @return whether it did
     */
    default boolean isSuccess() {
        return this instanceof Exited exited && exited.code() == 0;
    }

    /**
     * It exited. 127 says that the program is not there, 126 that it cannot be executed; stderr says more.
     *
     * @param code the exit status, 0 to 255
     */
    record Exited(int code) implements ExecutionEnd {
        @Override
        public String describe() {
            return "exited with status " + code;
        }

        @Override
        public int exitCode() {
            return code;
        }
    }

    /**
     * A signal ended it.
     *
     * @param signal the number, 1 to 64
     */
    record Signalled(int signal) implements ExecutionEnd {
        @Override
        public String describe() {
            return "was killed by signal " + signal;
        }

        @Override
        public int exitCode() {
            return 128 + signal;
        }
    }

    /**
     * It took longer than its limit, and was killed.
     *
     * @param limit the limit
     */
    record TimedOut(Duration limit) implements ExecutionEnd {
        @Override
        public String describe() {
            return "took longer than " + limit.toString().substring(2).toLowerCase(Locale.ROOT) + ", and was killed";
        }

        @Override
        public int exitCode() {
            return 124;
        }
    }

    /**
     * It printed more than its limit, and was killed.
     *
     * @param limit the limit, of stdout and stderr together
     */
    record TooMuchOutput(DataSize limit) implements ExecutionEnd {
        @Override
        public String describe() {
            return "printed more than " + limit + ", and was killed";
        }

        @Override
        public int exitCode() {
            return 124;
        }
    }

    /**
     * What it was to be given as its input could not be read to its end, and it was killed.
     *
     * @param why what failed
     */
    record InputFailed(String why) implements ExecutionEnd {
        @Override
        public String describe() {
            return "was killed, as its input could not be read: " + why;
        }

        @Override
        public int exitCode() {
            return 125;
        }
    }

    /**
     * The guest could not start it: it has no process or no memory left, for example.
     *
     * @param error Linux's error number, 0 if there is none
     * @param why what failed, in the guest's words
     */
    record NotStarted(int error, String why) implements ExecutionEnd {
        @Override
        public String describe() {
            return "could not be started: " + why;
        }

        @Override
        public int exitCode() {
            return 125;
        }
    }

    /**
     * The sandbox was lost, so that its end is not known.
     *
     * @param why what ended the sandbox
     * @param mayHaveRun whether it may have run, wholly or in part; false if the guest was not asked yet
     * @param outcome how the machine ended, where that is what happened: a limit of the sandbox, for example
     */
    record Lost(String why, boolean mayHaveRun, Optional<Outcome> outcome) implements ExecutionEnd {
        /**
         * Creates an end.
         *
         * @param why see {@link #why()}
         * @param mayHaveRun see {@link #mayHaveRun()}
         * @param outcome see {@link #outcome()}
         */
        public Lost {
            Objects.requireNonNull(why, "why");
            Objects.requireNonNull(outcome, "outcome");
        }

        @Override
        public String describe() {
            return "was lost: " + why;
        }

        @Override
        public int exitCode() {
            boolean limit = outcome.filter(
                            how -> how instanceof Outcome.TimedOut || how instanceof Outcome.TooMuchOutput)
                    .isPresent();
            return limit ? 124 : 125;
        }
    }
}
