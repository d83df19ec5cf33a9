package dev.construir.sandbox;

import dev.construir.DataSize;
import dev.construir.channel.OpenRequest;
import dev.construir.job.Limits;
import dev.construir.run.OutputTail;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A command to be started in a sandbox, any number of times. Not safe for use by many threads.
 *
 * <pre>{@code
 * String version = vm.exec("cc", "--version").directory("/tmp").text();
 * }</pre>
 *
 * @since 0.1
 */
public final class Command {
    private static final DataSize SMALLEST_CAPTURE = DataSize.ofBytes(2);
    private static final DataSize LARGEST_CAPTURE = DataSize.ofMebibytes(512);
    private static final int MOST_CELLS = 65_535;

    private final MachineSandbox sandbox;
    private final List<String> arguments;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private String user = "";
    private String directory = "";
    private Duration timeout = Limits.UNLIMITED;
    private Optional<DataSize> maxOutput = Optional.empty();
    private DataSize capture = DataSize.ofMebibytes(1);
    private Optional<InputStream> input = Optional.empty();
    private Optional<Consumer<String>> stdoutLines = Optional.empty();
    private Optional<Consumer<String>> stderrLines = Optional.empty();
    private boolean merged;
    private int rows = -1;
    private int columns;

    Command(MachineSandbox sandbox, List<String> arguments) {
        this.sandbox = sandbox;
        this.arguments = List.copyOf(arguments);
        if (arguments.isEmpty()) {
            throw new IllegalArgumentException("a command has at least a program");
        }
        arguments.forEach(argument -> checkText("an argument", argument));
    }

    /**
     * Sets a variable of its environment, over that of a job and what the user's entry in {@code /etc/passwd} says.
     *
     * @param name the name, without {@code =}
     * @param value the value
     * @return this command
     * @throws IllegalArgumentException if the name is empty or has a {@code =}, or one of both a NUL
     */
    public Command env(String name, String value) {
        if (name.isEmpty() || name.indexOf('=') >= 0) {
            throw new IllegalArgumentException("\"" + name + "\" is no name of a variable");
        }
        checkText("a variable's name", name);
        checkText("the variable " + name, value);
        environment.put(name, value);
        return this;
    }

    /**
     * Sets variables of its environment.
     *
     * @param variables the values by their names
     * @return this command
     * @throws IllegalArgumentException if one of them is none, see {@link #env(String, String)}
     */
    public Command env(Map<String, String> variables) {
        variables.forEach(this::env);
        return this;
    }

    /**
     * Sets the user that it runs as.
     *
     * @param name a name in the guest's {@code /etc/passwd}, or numbers {@code UID} or {@code UID:GID}; unless set, root
     * @return this command
     * @throws IllegalArgumentException if it holds a NUL
     */
    public Command user(String name) {
        checkText("a user", name);
        user = name;
        return this;
    }

    /**
     * Sets its working directory.
     *
     * @param path a path in the guest; unless set, {@code /job}
     * @return this command
     * @throws IllegalArgumentException if it holds a NUL
     */
    public Command directory(String path) {
        checkText("a directory", path);
        directory = path;
        return this;
    }

    /**
     * Sets how long it may take. It is killed then, with its process group, and its end is
     * {@link ExecutionEnd.TimedOut}.
     *
     * @param limit more than zero; unless set, the sandbox's limits are the only ones
     * @return this command
     * @throws IllegalArgumentException if it is not positive, or more than {@link Limits#UNLIMITED}
     */
    public Command timeout(Duration limit) {
        if (limit.isZero() || limit.isNegative() || limit.compareTo(Limits.UNLIMITED) > 0) {
            throw new IllegalArgumentException(
                    "a time limit is more than zero and at most " + Limits.UNLIMITED.toDays() + " days, not " + limit);
        }
        timeout = limit;
        return this;
    }

    /**
     * Sets how much it may print, on stdout and stderr together. It is killed then, with its process group, and its end
     * is {@link ExecutionEnd.TooMuchOutput}. Of an honest guest, at most 256 KiB more of each stream are passed on.
     *
     * @param limit the limit; unless set, the sandbox's limit is the only one
     * @return this command
     */
    public Command maxOutput(DataSize limit) {
        maxOutput = Optional.of(limit);
        return this;
    }

    /**
     * Sets how much of each stream that nobody reads is kept for the result: half of that from its beginning, half from
     * its end.
     *
     * @param size 2 bytes to 512 MiB, taken from the heap as it is needed; unless set, 1 MiB
     * @return this command
     * @throws IllegalArgumentException if the size is out of its range
     */
    public Command capture(DataSize size) {
        if (size.compareTo(SMALLEST_CAPTURE) < 0 || size.compareTo(LARGEST_CAPTURE) > 0) {
            throw new IllegalArgumentException(
                    SMALLEST_CAPTURE + " to " + LARGEST_CAPTURE + " of output are kept, not " + size);
        }
        capture = size;
        return this;
    }

    /**
     * Sets its input, which a thread copies to it and then ends. With {@link #start} and without this, the caller
     * writes to {@link Execution#stdin}; with {@link #run} and without this, it is {@code /dev/null}.
     *
     * @param stream the input; closed at its end, or when the command takes no more
     * @return this command
     */
    public Command input(InputStream stream) {
        input = Optional.of(stream);
        return this;
    }

    /**
     * Sets its input.
     *
     * @param text the input, encoded in UTF-8
     * @return this command
     */
    public Command input(String text) {
        return input(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Passes on what it prints on stdout line by line, decoded as UTF-8, without line ends, on a thread that does only
     * that. A listener that takes its time stops the command, and nothing is lost: the result is there when it has
     * received everything.
     *
     * @param listener receives the lines
     * @return this command
     */
    public Command stdoutLines(Consumer<String> listener) {
        stdoutLines = Optional.of(listener);
        return this;
    }

    /**
     * Passes on what it prints on stderr line by line; the rules of {@link #stdoutLines} hold.
     *
     * @param listener receives the lines
     * @return this command
     */
    public Command stderrLines(Consumer<String> listener) {
        stderrLines = Optional.of(listener);
        return this;
    }

    /**
     * Has stderr go to stdout.
     *
     * @return this command
     */
    public Command mergeStderr() {
        merged = true;
        return this;
    }

    /**
     * Gives it a terminal, from which it reads and to which it prints: all of it comes on stdout. Control characters of
     * the input act as typed keys: {@code 03} interrupts. {@code TERM} is a variable like others.
     *
     * @param terminalRows the rows, 0 to 65535
     * @param terminalColumns the columns, 0 to 65535
     * @return this command
     * @throws IllegalArgumentException if a number is out of its range
     */
    public Command terminal(int terminalRows, int terminalColumns) {
        checkSize(terminalRows, terminalColumns);
        rows = terminalRows;
        columns = terminalColumns;
        return this;
    }

    /**
     * Starts it.
     *
     * @return the execution, to be closed by the caller; it may not have begun yet, and may end at once
     * @throws SandboxLostException if the sandbox is lost or closed; the command did not run then
     * @throws IllegalArgumentException if arguments and variables have more than 4 MiB together
     */
    public Execution start() throws SandboxLostException {
        return sandbox.start(this, true);
    }

    /**
     * Runs it to its end, keeping what it prints for the result.
     *
     * @return the result
     * @throws SandboxLostException if the sandbox is lost or closed already; the command did not run then. One that is
     *     lost while it runs is a result with {@link ExecutionEnd.Lost}
     * @throws InterruptedException if the thread was interrupted; the command is killed then
     * @throws IllegalArgumentException if arguments and variables have more than 4 MiB together
     */
    public ExecutionResult run() throws SandboxLostException, InterruptedException {
        try (Execution execution = sandbox.start(this, false)) {
            return execution.await();
        }
    }

    /**
     * Runs it to its end, which must be exit status 0, and returns what it printed on stdout, as UTF-8.
     *
     * @return the text, without line ends at its end
     * @throws SandboxException if it ended otherwise, or printed more than is {@linkplain #capture kept}
     * @throws SandboxLostException if the sandbox is lost
     * @throws InterruptedException if the thread was interrupted; the command is killed then
     * @throws IllegalArgumentException if arguments and variables have more than 4 MiB together
     */
    public String text() throws SandboxException, SandboxLostException, InterruptedException {
        OutputTail printed = run().orThrow().stdout();
        if (printed.isTruncated()) {
            throw new SandboxException(
                    "the command printed " + printed.total() + " bytes, of which only some were kept:"
                            + " raise capture(" + capture + "), or read them from a stream");
        }
        String text = printed.text();
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
            end--;
        }
        return text.substring(0, end);
    }

    OpenRequest.Exec request(boolean interactive) {
        List<String> variables = new ArrayList<>();
        environment.forEach((name, value) -> variables.add(name + "=" + value));
        boolean withInput = interactive || input.isPresent() || rows >= 0;
        return new OpenRequest.Exec(arguments, variables, user, directory, merged, withInput, rows, columns);
    }

    Duration timeout() {
        return timeout;
    }

    Optional<DataSize> maxOutput() {
        return maxOutput;
    }

    DataSize capture() {
        return capture;
    }

    Optional<InputStream> input() {
        return input;
    }

    Optional<Consumer<String>> stdoutLines() {
        return stdoutLines;
    }

    Optional<Consumer<String>> stderrLines() {
        return stderrLines;
    }

    static void checkSize(int rows, int columns) {
        if (rows < 0 || rows > MOST_CELLS || columns < 0 || columns > MOST_CELLS) {
            throw new IllegalArgumentException(
                    "a terminal has 0 to " + MOST_CELLS + " rows and columns, not " + rows + " and " + columns);
        }
    }

    static void checkText(String what, String text) {
        int nul = Objects.requireNonNull(text, what).indexOf('\0');
        if (nul >= 0) {
            throw new IllegalArgumentException(what + " cannot hold a NUL, as character " + (nul + 1) + " is");
        }
    }

    /** Returns the program and its arguments. */
    @Override
    public String toString() {
        return String.join(" ", arguments);
    }
}
