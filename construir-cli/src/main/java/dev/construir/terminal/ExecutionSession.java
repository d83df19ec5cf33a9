package dev.construir.terminal;

import dev.construir.ConstruirException;
import dev.construir.sandbox.Command;
import dev.construir.sandbox.Execution;
import dev.construir.sandbox.ExecutionEnd;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A person, or a pipe, at a command in a sandbox: its streams are those of this process. With a terminal the bytes pass
 * as they are; without one they are filtered where a terminal shows them.
 */
public final class ExecutionSession {
    private static final Logger LOG = LoggerFactory.getLogger(ExecutionSession.class);
    private static final byte LEAVE = 0x1d; // Ctrl-]
    private static final int LEAVING = 3;
    private static final int BUFFER = 32 << 10;
    private static final int SIGPIPE = 13;

    private final Streams streams;
    private final Screen screen;
    private final boolean input;
    private final boolean terminal;
    private volatile boolean left;

    /**
     * Creates a session.
     *
     * @param streams the streams of this process
     * @param screen takes the session's own messages, and output that is no terminal's
     * @param input whether the command reads stdin
     * @param terminal whether it has a terminal
     */
    public ExecutionSession(Streams streams, Screen screen, boolean input, boolean terminal) {
        this.streams = streams;
        this.screen = screen;
        this.input = input;
        this.terminal = terminal;
    }

    /** Starts a command. */
    @FunctionalInterface
    public interface Start {
        /**
         * Starts it.
         *
         * @param rows the rows of its terminal; -1 if it has none
         * @param columns the columns of its terminal
         * @param term what kind of terminal it is; empty if it has none
         * @return the execution, whose streams nobody has asked for
         */
        Execution start(int rows, int columns, String term) throws ConstruirException, IOException;
    }

    /**
     * Runs a command to its end.
     *
     * @param command the command
     * @return the exit code for it
     */
    public int hold(Command command) throws ConstruirException, IOException, InterruptedException {
        return hold((rows, columns, term) ->
                (rows < 0 ? command : command.terminal(rows, columns).env("TERM", term)).start());
    }

    /**
     * Runs a command to its end.
     *
     * @param command starts the command
     * @return the exit code for it
     */
    public int hold(Start command) throws ConstruirException, IOException, InterruptedException {
        if (!terminal) {
            return attend(command.start(-1, 0, ""));
        }
        String term = System.getenv().getOrDefault("TERM", "vt100");
        if (!input || !streams.keyboard().isTerminal()) {
            return attend(command.start(WindowSize.USUAL.rows(), WindowSize.USUAL.columns(), term));
        }
        WindowSize size = WindowSize.of(streams.keyboard().stty());
        RawTerminal modes = RawTerminal.enter(streams.keyboard().stty());
        try {
            return attend(command.start(size.rows(), size.columns(), term));
        } finally {
            modes.close();
        }
    }

    private int attend(Execution started) throws IOException, InterruptedException {
        try (Execution execution = started) {
            InputStream out = execution.stdout();
            InputStream err = execution.stderr();
            if (input) {
                daemon("construir-keyboard", () -> type(execution));
            } else {
                endInput(execution);
            }
            Thread errors = daemon("construir-stderr", () -> showErrors(err));
            followWindow(out, execution);
            errors.join();
            ExecutionEnd end = execution.await().end();
            if (left) {
                screen.say("left; the command was killed");
                return ExitCode.CANCELLED;
            } else if (end instanceof ExecutionEnd.Lost || end instanceof ExecutionEnd.NotStarted) {
                screen.say("the command " + TerminalFilter.escape(end.describe()));
            }
            return end.exitCode();
        }
    }

    // A command that has ended takes no end of its input; what became of it is what matters.
    private static void endInput(Execution execution) {
        try {
            execution.stdin().close();
        } catch (IOException e) {
            LOG.debug("the command takes no end of its input", e);
        }
    }

    private void followWindow(InputStream out, Execution execution) throws IOException {
        if (!terminal || !streams.keyboard().isTerminal()) {
            showOutput(out, execution);
            return;
        }
        Signals window = Signals.heard(() -> resize(execution), "WINCH");
        try {
            showOutput(out, execution);
        } finally {
            window.close();
        }
    }

    private void resize(Execution execution) {
        try {
            WindowSize size = WindowSize.of(streams.keyboard().stty());
            execution.resize(size.rows(), size.columns());
        } catch (IOException e) {
            LOG.debug("the window's new size is not known", e);
        }
    }

    private static Thread daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true); // nothing wakes a thread that reads a terminal
        thread.start();
        return thread;
    }

    private void type(Execution execution) {
        byte[] bytes = new byte[BUFFER];
        int leaving = 0;
        try (OutputStream out = execution.stdin()) {
            InputStream keys = streams.keyboard().in();
            for (int read = keys.read(bytes); read >= 0; read = keys.read(bytes)) {
                for (int i = 0; i < read && terminal; i++) {
                    leaving = bytes[i] == LEAVE ? leaving + 1 : 0;
                    if (leaving == LEAVING) {
                        left = true;
                        execution.close();
                        return;
                    }
                }
                out.write(bytes, 0, read);
            }
        } catch (IOException e) {
            LOG.debug("the command takes no more input", e);
        }
    }

    private void showOutput(InputStream out, Execution execution) throws IOException {
        byte[] bytes = new byte[BUFFER];
        try {
            for (int read = read(out, bytes); read >= 0; read = read(out, bytes)) {
                if (terminal) {
                    streams.out().write(bytes, 0, read);
                    streams.out().flush();
                } else {
                    screen.output(Arrays.copyOf(bytes, read));
                }
            }
            if (!terminal) {
                screen.endOutput();
            }
        } catch (
                @SuppressWarnings("unused")
                ReaderGoneException gone) {
            execution.signal(SIGPIPE); // as its own writes would
            out.close();
        }
    }

    // A sandbox that is lost ends the stream early; the end says so.
    private int read(InputStream out, byte[] bytes) throws IOException {
        try {
            return out.read(bytes);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            LOG.debug("the command's output ended early", e);
            return -1;
        }
    }

    private void showErrors(InputStream err) {
        byte[] bytes = new byte[BUFFER];
        TerminalFilter filter = new TerminalFilter();
        try {
            for (int read = err.read(bytes); read >= 0; read = err.read(bytes)) {
                byte[] some = Arrays.copyOf(bytes, read);
                byte[] shown = streams.errIsTerminal() ? filter.filter(some) : some;
                streams.err().write(shown, 0, shown.length);
                streams.err().flush();
            }
        } catch (IOException e) {
            LOG.debug("the command's stderr ended early", e);
        }
    }
}
