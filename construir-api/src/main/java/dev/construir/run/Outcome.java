package dev.construir.run;

import dev.construir.DataSize;
import dev.construir.text.ControlCharacters;
import dev.construir.text.TerminalSafeExcerpt;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a job ended. Fail-closed: only a job whose own status says so on its disk, in a machine that powered off by
 * itself, has exited; everything else is one of the other cases, and none of them is a success.
 *
 * <pre>{@code
 * if (result.outcome() instanceof Outcome.TimedOut late) {
 *     System.err.println("no end within " + late.limit().toSeconds() + " s");
 * } else if (!result.outcome().isSuccess()) {
 *     System.err.println(result.outcome().describe("hello"));
 * }
 * }</pre>
 *
 * <p>A job is root in its machine and may claim of itself what it likes, as any program may exit with 0 without having
 * done its work. What it cannot do is to have another job's status taken for its own, or to have a crash, a kill or a
 * limit taken for an end.
 *
 * @since 0.1
 */
public sealed interface Outcome {
    /**
     * Returns the exit code a command line tool gives for it: the job's own; 124 stopped by a limit; 125 the run could
     * not be carried out to its end; 128 + n killed by signal n; 130 cancelled.
     *
     * @return 0 to 255; 0 only for a success
     */
    int exitCode();

    /**
     * Says in a few words, without control characters, how the job ended.
     *
     * @return for example {@code exited with status 2}
     */
    String describe();

    /**
     * Says of a job how it ended.
     *
     * @param name the job's name, or what else stands for it
     * @return for example {@code hello exited with status 2} or {@code hello: the guest rebooted}
     */
    default String describe(String name) {
        boolean ofTheJob = isConclusive()
                || this instanceof TimedOut
                || this instanceof TooMuchOutput
                || this instanceof Cancelled;
        return name + (ofTheJob ? " " : ": ") + describe(); // all others have a subject
    }

    /**
     * Returns whether the job exited with status 0.
     *
     * @return whether it did
     */
    default boolean isSuccess() {
        return this instanceof Exited e && e.code() == 0;
    }

    /**
     * Returns whether the job itself ended, so that another run would likely end the same way.
     *
     * @return whether it exited or was killed by a signal inside the machine
     */
    default boolean isConclusive() {
        return this instanceof Exited || this instanceof Signalled;
    }

    /**
     * The job exited. By the habit of shells 126 means that something could not be executed, 127 that something was not
     * found, such as the interpreter of {@code bin/construir} in the image; the output says what. A job without a
     * {@code bin/construir} that could be executed is not begun: see {@link BadJobException}.
     *
     * @param code its exit status, 0 to 255
     */
    record Exited(int code) implements Outcome {
        /**
         * Creates the outcome.
         *
         * @param code see {@link #code()}
         * @throws IllegalArgumentException if the code is out of its range
         */
        public Exited {
            if (code < 0 || code > 255) {
                throw new IllegalArgumentException("an exit status is 0 to 255, not " + code);
            }
        }

        @Override
        public int exitCode() {
            return code;
        }

        @Override
        public String describe() {
            return switch (code) {
                case 126 -> "exited with status 126 (a command could not be executed; the output shows which)";
                case 127 -> "exited with status 127 (a command or interpreter was not found; the output shows which)";
                default -> "exited with status " + code;
            };
        }
    }

    /**
     * The job was killed by a signal, inside the machine.
     *
     * @param signal the signal's number, 1 to 64
     */
    record Signalled(int signal) implements Outcome {
        /**
         * Creates the outcome.
         *
         * @param signal see {@link #signal()}
         * @throws IllegalArgumentException if the number is out of its range
         */
        public Signalled {
            if (signal < 1 || signal > 64) {
                throw new IllegalArgumentException("a signal is 1 to 64, not " + signal);
            }
        }

        @Override
        public int exitCode() {
            return 128 + signal;
        }

        @Override
        public String describe() {
            return "killed by signal " + signal + " inside the machine";
        }
    }

    /** A limit on time. */
    enum Limit {
        /** The whole run of the machine. */
        TOTAL,
        /** Until the job starts. */
        BOOT,
        /** How long a job may do nothing. */
        IDLE,
        /** From the end of the job to the end of the machine. */
        SHUTDOWN
    }

    /**
     * The machine was killed because something took too long.
     *
     * @param which the limit that was reached
     * @param limit how long it was
     */
    record TimedOut(Limit which, Duration limit) implements Outcome {
        @Override
        public int exitCode() {
            return 124;
        }

        @Override
        public String describe() {
            return "timed out: the " + which.name().toLowerCase(java.util.Locale.ROOT) + " limit of "
                    + Durations.format(limit) + " was reached";
        }
    }

    /**
     * The machine was killed because the job printed too much.
     *
     * @param limit how much it may print
     */
    record TooMuchOutput(DataSize limit) implements Outcome {
        @Override
        public int exitCode() {
            return 124;
        }

        @Override
        public String describe() {
            return "printed more than the limit of " + limit;
        }
    }

    /** The run was cancelled, or its thread interrupted. */
    record Cancelled() implements Outcome {
        @Override
        public int exitCode() {
            return 130;
        }

        @Override
        public String describe() {
            return "cancelled";
        }
    }

    /** How a guest can crash. */
    enum Crash {
        /** Its kernel panicked. */
        PANIC,
        /** It reset the machine. */
        REBOOT
    }

    /**
     * The guest crashed or rebooted.
     *
     * @param how which of both
     * @param lastWords the end of the console, as the guest wrote it
     */
    record GuestCrashed(Crash how, String lastWords) implements Outcome {
        @Override
        public int exitCode() {
            return 125;
        }

        @Override
        public String describe() {
            return how == Crash.PANIC ? "the guest's kernel panicked" : "the guest rebooted";
        }
    }

    /** What is wrong with the status on the job disk. */
    enum StatusFault {
        /** There is none. */
        MISSING,
        /** The job was started, and its end was not recorded. */
        UNFINISHED,
        /** It belongs to another run. */
        STALE,
        /** It is no whole status. */
        TORN,
        /** The journal of the job disk was not replayed, so that what the job left may be stale. */
        NOT_UNMOUNTED,
        /** The job disk cannot be read. */
        UNREADABLE_DISK
    }

    /**
     * The machine powered off, and the job disk does not say how the job ended.
     *
     * @param why what is wrong with the status
     * @param detail details, for messages; may be empty
     */
    record NoStatus(StatusFault why, String detail) implements Outcome {
        /**
         * Creates an outcome without details.
         *
         * @param why what is wrong with the status
         */
        public NoStatus(StatusFault why) {
            this(why, "");
        }

        @Override
        public int exitCode() {
            return 125;
        }

        @Override
        public String describe() {
            return "the machine powered off without a status of the job: "
                    + switch (why) {
                        case MISSING -> "there is none on the job disk";
                        case UNFINISHED -> "the job had started and not ended";
                        case STALE -> "the one on the job disk belongs to another run";
                        case TORN -> "the one on the job disk is damaged";
                        case NOT_UNMOUNTED ->
                            "the job disk was not unmounted, and its journal has what is missing there";
                        case UNREADABLE_DISK -> "the job disk cannot be read";
                    }
                    + (detail.isEmpty() ? "" : " (" + TerminalSafeExcerpt.of(detail) + ")");
        }
    }

    /**
     * The hypervisor ended without being asked to.
     *
     * @param status its exit status, 128 + n for signal n, or -1 if it is not known
     * @param lastWords the end of what it wrote to its standard error
     */
    record HypervisorDied(int status, String lastWords) implements Outcome {
        private static final int KILLED = 128 + 9;

        @Override
        public int exitCode() {
            return 125;
        }

        @Override
        public String describe() {
            TerminalSafeExcerpt words = TerminalSafeExcerpt.of(lastWords);
            return "the hypervisor died with status " + status
                    + (status == KILLED ? " (it was killed; when memory runs out, the host does that)" : "")
                    + (words.isEmpty() ? "" : ": " + words);
        }
    }

    /**
     * The host's file system had no room for what the guest wrote.
     *
     * @param where the file that could not grow
     */
    record HostDiskFull(Path where) implements Outcome {
        @Override
        public int exitCode() {
            return 125;
        }

        @Override
        public String describe() {
            return "the host has no room left for " + ControlCharacters.escape(where.toString());
        }
    }

    /**
     * The machine, or the daemon or host that runs it, is out of reach, or did not end when it was killed.
     *
     * @param why what became unreachable, and how
     */
    record MachineLost(String why) implements Outcome {
        @Override
        public int exitCode() {
            return 125;
        }

        @Override
        public String describe() {
            return "the machine was lost: " + TerminalSafeExcerpt.of(why);
        }
    }
}
