package dev.construir.qemu;

import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** Waits for a guest to print that it is ready, and keeps the end of what it prints until then. */
final class ReadyLine implements MachineListener {
    private static final int KEPT = 4 << 10;

    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
    private final StringBuilder said = new StringBuilder();

    @Override
    public synchronized void console(ByteBuffer bytes) {
        said.append(StandardCharsets.ISO_8859_1.decode(bytes));
        if (said.toString().replace("\r", "").contains("\n" + MachineSpec.READY_LINE + "\n")) {
            ready.complete(true);
        }
        said.delete(0, Math.max(0, said.length() - KEPT));
    }

    @Override
    public void output(ByteBuffer bytes) {
        // A guest that is not ready has no output yet.
    }

    @Override
    public void running() {
        // What counts is the guest's own word.
    }

    /** The machine is gone, and prints no more. */
    void gone(MachineExit exit) {
        ready.complete(false);
    }

    /** Returns what is true as soon as the line was printed, and false if the machine ended before. */
    CompletableFuture<Boolean> future() {
        return ready;
    }

    /** Returns the end of what the guest has printed. */
    synchronized String said() {
        return said.toString();
    }
}
