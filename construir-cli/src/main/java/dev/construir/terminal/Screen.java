package dev.construir.terminal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The job's output and what the command says about it, on streams that may be one and the same terminal: the live
 * status line is taken away before anything else is written, and does not come back in the middle of a line. Safe for
 * use by many threads.
 */
public final class Screen {
    /** How much fits on the status line. */
    public static final int WIDTH = 79;

    private static final String ERASE_TO_END = "\u001b[K";
    private static final String ERASE_LINE = "\r" + ERASE_TO_END;

    private final Streams streams;
    private final TerminalFilter filter = new TerminalFilter();

    // guarded by this
    private String status = "";
    private boolean shown;
    private boolean suspended;
    private boolean atLineStart = true;

    public Screen(Streams streams) {
        this.streams = streams;
    }

    /** Writes output of the job: the bytes as they are, or on a terminal what is harmless of them. */
    public void output(byte[] bytes) throws IOException {
        if (streams.outIsTerminal()) {
            outputToTerminal(bytes);
        } else {
            streams.out().write(bytes); // outside the lock: a reader that stops must not silence stderr
            streams.out().flush();
        }
    }

    private synchronized void outputToTerminal(byte[] bytes) throws IOException {
        byte[] harmless = filter.filter(bytes);
        if (harmless.length > 0) {
            hide();
            streams.out().write(harmless);
            streams.out().flush();
            atLineStart = harmless[harmless.length - 1] == '\n';
            show();
        }
    }

    /** Ends the job's output: on a terminal, colours are switched off and the last line is ended. */
    public synchronized void endOutput() throws IOException {
        if (streams.outIsTerminal()) {
            streams.out().write(filter.end());
            if (!atLineStart) {
                streams.out().write("\n".getBytes(StandardCharsets.US_ASCII));
                atLineStart = true;
            }
            streams.out().flush();
        }
    }

    /** Writes a line to stderr. */
    public void say(String line) {
        log("construir: " + line);
    }

    /** Writes a line to stderr as it is. */
    public synchronized void log(String line) {
        hide();
        if (!atLineStart && streams.errIsTerminal()) {
            streams.err().println();
            atLineStart = true;
        }
        streams.err().println(line);
        show();
    }

    /** Replaces the live status line; does nothing where there is no terminal to show it. */
    public synchronized void status(String text) {
        if (!streams.errIsTerminal() || suspended) {
            return;
        }
        String next = text.length() > WIDTH ? text.substring(0, WIDTH - 3) + "..." : text;
        if (shown && !next.isEmpty()) {
            status = next;
            write("\r" + next + ERASE_TO_END); // at once, and over what is there: it must not flicker
        } else {
            hide();
            status = next;
            show();
        }
    }

    /** Leaves the terminal to somebody else, without a status line, or takes it back. */
    public synchronized void suspend(boolean elsewhere) {
        hide();
        status = "";
        suspended = elsewhere;
        atLineStart = true;
    }

    /** Returns whether there is a terminal to show a status line. */
    public boolean isLive() {
        return streams.errIsTerminal();
    }

    private void hide() {
        if (shown) {
            write(ERASE_LINE);
            shown = false;
        }
    }

    private void show() {
        if (!status.isEmpty() && atLineStart) {
            write(status);
            shown = true;
        }
    }

    private void write(String text) {
        streams.err().print(text);
        streams.err().flush();
    }
}
