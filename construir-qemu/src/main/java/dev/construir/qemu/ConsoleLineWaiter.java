package dev.construir.qemu;

import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineListener;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** Waits for a guest to print a line of the guest contract, and keeps the end of what it prints until then. */
final class ConsoleLineWaiter implements MachineListener {
    private static final int KEPT = 4 << 10;

    private final String line;
    private final CompletableFuture<Boolean> printed = new CompletableFuture<>();
    private final StringBuilder said = new StringBuilder("\n"); // the first line begins with the first byte

    ConsoleLineWaiter(String line) {
        this.line = line;
    }

    @Override
    public synchronized void console(ByteBuffer bytes) {
        said.append(StandardCharsets.ISO_8859_1.decode(bytes));
        if (said.toString().replace("\r", "").contains("\n" + line + "\n")) {
            printed.complete(true);
        }
        said.delete(0, Math.max(0, said.length() - KEPT));
    }

    @Override
    public void output(ByteBuffer bytes) {
        // There is no job yet that could have any.
    }

    @Override
    public void running() {
        // What counts is the guest's own word.
    }

    /** The machine is gone, and prints no more. */
    void gone(MachineExit exit) {
        printed.complete(false);
    }

    /** Returns what is true as soon as the line was printed, and false if the machine ended before. */
    CompletableFuture<Boolean> future() {
        return printed;
    }

    /** Returns the end of what the guest has printed. */
    synchronized String said() {
        return said.substring(said.indexOf("\n") == 0 ? 1 : 0);
    }
}
