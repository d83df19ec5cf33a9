package dev.construir.sandbox;

import dev.construir.DataSize;
import dev.construir.run.OutputTail;
import java.time.Duration;
import java.util.Objects;

/**
 * What is known of an execution that has ended, as the guest reports it.
 *
 * <pre>{@code
 * ExecutionResult result = vm.exec("cc", "--version").run();
 * if (result.isSuccess()) {
 *     System.out.println(result.stdout().text());
 * }
 * }</pre>
 *
 * @param end how it ended
 * @param duration from its start to its end on the guest's clock; zero if that is not known
 * @param userTime the processor time in user mode of the process and its children that it waited for
 * @param systemTime the same in the kernel
 * @param maxMemory the most memory that its process had in use
 * @param stdout what it printed on stdout and nobody has read as a stream: the whole, or its beginning and its end
 * @param stderr the same of stderr
 * @since 0.1
 */
public record ExecutionResult(
        ExecutionEnd end,
        Duration duration,
        Duration userTime,
        Duration systemTime,
        DataSize maxMemory,
        OutputTail stdout,
        OutputTail stderr) {
    /**
     * Creates a result.
     *
     * @param end see {@link #end()}
     * @param duration see {@link #duration()}
     * @param userTime see {@link #userTime()}
     * @param systemTime see {@link #systemTime()}
     * @param maxMemory see {@link #maxMemory()}
     * @param stdout see {@link #stdout()}
     * @param stderr see {@link #stderr()}
     */
    public ExecutionResult {
        Objects.requireNonNull(end, "end");
        Objects.requireNonNull(duration, "duration");
        Objects.requireNonNull(userTime, "userTime");
        Objects.requireNonNull(systemTime, "systemTime");
        Objects.requireNonNull(maxMemory, "maxMemory");
        Objects.requireNonNull(stdout, "stdout");
        Objects.requireNonNull(stderr, "stderr");
    }

    /**
     * Returns whether it exited with status 0, as the guest reports.
     *
     * @return whether it did
     */
    public boolean isSuccess() {
        return end.isSuccess();
    }

    /**
     * Returns whether something of the kept output is missing. {@link Command#capture} keeps more.
     *
     * @return whether it is
     */
    public boolean isTruncated() {
        return stdout.isTruncated() || stderr.isTruncated();
    }

    /**
     * Returns this result if it is a success.
     *
     * @return this result
     * @throws SandboxLostException if the sandbox was lost
     * @throws SandboxException if it ended otherwise; the message has the end of what it printed
     */
    public ExecutionResult orThrow() throws SandboxException, SandboxLostException {
        if (isSuccess()) {
            return this;
        }
        if (end instanceof ExecutionEnd.Lost lost) {
            throw new SandboxLostException("the command was lost: " + lost.why());
        }
        String said = String.join("\n", (stderr.total() > 0 ? stderr : stdout).excerpt());
        throw new SandboxException("the command " + end.describe() + (said.isEmpty() ? "" : "; it said:\n" + said));
    }
}
