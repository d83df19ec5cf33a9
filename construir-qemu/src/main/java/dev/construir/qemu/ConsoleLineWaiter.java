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
    private final StringBuilder tail = new StringBuilder("\n"); // the first line begins with the first byte

    ConsoleLineWaiter(String line) {
        this.line = line;
    }

    @Override
    public synchronized void console(ByteBuffer bytes) {
        tail.append(StandardCharsets.ISO_8859_1.decode(bytes));
        if (tail.toString().replace("\r", "").contains("\n" + line + "\n")) {
            printed.complete(true);
        }
        tail.delete(0, Math.max(0, tail.length() - KEPT));
    }

    @Override
    public void output(ByteBuffer bytes) {
        // no job runs yet
    }

    @Override
    public void running() {
        // Only what the guest prints counts.
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
    synchronized String tail() {
        return tail.substring(tail.indexOf("\n") == 0 ? 1 : 0);
    }
}
