package dev.construir.terminal;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Streams that are kept, for tests; together as one terminal, or apart. */
public final class Terminal {
    public final ByteArrayOutputStream out = new ByteArrayOutputStream();
    public final ByteArrayOutputStream err;
    private final boolean terminal;

    private Terminal(boolean terminal) {
        this.terminal = terminal;
        this.err = terminal ? out : new ByteArrayOutputStream();
    }

    public static Terminal one() {
        return new Terminal(true);
    }

    public static Terminal files() {
        return new Terminal(false);
    }

    public Streams streams() {
        return new Streams(out, new PrintStream(err, true, StandardCharsets.UTF_8), terminal, terminal);
    }

    public String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    public String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
