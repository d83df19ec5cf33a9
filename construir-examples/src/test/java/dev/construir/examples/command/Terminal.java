package dev.construir.examples.command;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Streams that are kept, for tests; together as one terminal, or apart. */
final class Terminal {
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err;
    private final boolean terminal;

    private Terminal(boolean terminal) {
        this.terminal = terminal;
        this.err = terminal ? out : new ByteArrayOutputStream();
    }

    static Terminal one() {
        return new Terminal(true);
    }

    static Terminal files() {
        return new Terminal(false);
    }

    Streams streams() {
        return new Streams(out, new PrintStream(err, true, StandardCharsets.UTF_8), terminal, terminal);
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
