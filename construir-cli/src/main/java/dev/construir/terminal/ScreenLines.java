package dev.construir.terminal;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Brings what others write to stderr, the library's log for one, to the screen line by line, so that it does not get
 * into the live line.
 */
final class ScreenLines extends OutputStream {
    private static final int LONGEST = 8192;

    private final Screen screen;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    private ScreenLines(Screen screen) {
        this.screen = screen;
    }

    /** Returns a stream that does so. */
    static PrintStream on(Screen screen) {
        return new PrintStream(new ScreenLines(screen), true, StandardCharsets.UTF_8);
    }

    @Override
    public synchronized void write(int b) {
        if (b != '\n') {
            line.write(b);
        }
        if (b == '\n' || line.size() >= LONGEST) {
            screen.log(
                    TerminalFilter.escape(line.toString(StandardCharsets.UTF_8).replace("\t", "    ")));
            line.reset();
        }
    }
}
