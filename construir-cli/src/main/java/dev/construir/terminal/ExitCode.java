package dev.construir.terminal;

/**
 * What the command's own exit codes mean. All others are the job's, after the habit of {@code docker run} and
 * {@code timeout}: 126 {@code bin/construir} is not executable, 127 it is not there, 128 + n it was killed by signal n.
 */
public final class ExitCode {
    /** A limit was reached. */
    static final int TIMED_OUT = 124;
    /**
     * The command itself failed: wrong usage, no hypervisor, a bad image, a crash of the machine, results that could
     * not be written.
     */
    public static final int FAILED = 125;
    /** Interrupted by Ctrl-C or SIGTERM. */
    public static final int CANCELLED = 130;

    private ExitCode() {}
}
