package dev.construir.terminal;

import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineListener;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A person, or a pipe, at the console of one machine. What the console shows goes to stdout as it is, escapes too, and
 * at stdout's pace: a screen that stands still holds up the guest, as a serial line does.
 */
public final class ConsoleSession implements MachineListener {
    /** Ctrl-], as in other consoles of machines. */
    private static final byte ESCAPE = 0x1d;

    private static final int KEYS = 4096;

    private final Streams streams;
    private final Screen screen;
    private final Duration patience;
    private boolean unseen; // by the console's thread only

    /**
     * How it ended.
     *
     * @param exitCode the command's
     * @param what what the operator reads
     */
    public record Parting(int exitCode, String what) {}

    private enum Keys {
        LEFT,
        ENDED
    }

    /**
     * Creates a session.
     *
     * @param streams where the console is shown and the keys come from
     * @param screen takes the session's own messages
     * @param patience how long the machine may go on when no more keys come
     */
    public ConsoleSession(Streams streams, Screen screen, Duration patience) {
        this.streams = streams;
        this.screen = screen;
        this.patience = patience;
    }

    /** Brings keys to the machine until it ends, or has to. The caller closes it. */
    public Parting hold(Machine machine) throws IOException, InterruptedException {
        machine.writeConsole(ByteBuffer.allocate(0)); // refused at once where the backend cannot type
        CompletableFuture<Keys> keys = new CompletableFuture<>();
        if (!streams.keyboard().isTerminal()) {
            return hold(machine, keys);
        }
        RawTerminal raw = RawTerminal.enter(streams.keyboard().stty());
        try {
            return hold(machine, keys);
        } finally {
            raw.close();
            show("\u001b[0m\r\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    private Parting hold(Machine machine, CompletableFuture<Keys> keys) throws InterruptedException {
        Thread typist = new Thread(() -> type(machine, keys), "construir-keyboard");
        typist.setDaemon(true); // nothing wakes a thread that reads a terminal
        typist.start();
        await(CompletableFuture.anyOf(machine.exit(), keys), Duration.ofSeconds(Long.MAX_VALUE));
        if (!machine.exit().isDone() && keys.join() == Keys.LEFT) {
            machine.kill("left by Ctrl-]");
            return new Parting(ExitCode.CANCELLED, "left; the machine was killed");
        }
        if (!await(machine.exit(), patience)) {
            machine.kill("its stdin had ended");
            return new Parting(
                    ExitCode.FAILED,
                    "stdin ended, and the machine did not power off within " + Formats.span(patience)
                            + ": it was killed; end the input by the guest's own poweroff, or raise --patience");
        }
        MachineExit exit = machine.exit().join();
        return exit instanceof MachineExit.PoweredOff
                ? new Parting(0, "the guest powered off")
                : new Parting(ExitCode.FAILED, describe(exit));
    }

    private static boolean await(CompletableFuture<?> future, Duration limit) throws InterruptedException {
        try {
            future.get(
                    TimeUnit.NANOSECONDS.convert(limit), TimeUnit.NANOSECONDS); // or as long as there are numbers for
            return true;
        } catch (
                @SuppressWarnings("unused")
                TimeoutException late) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private void type(Machine machine, CompletableFuture<Keys> keys) {
        byte[] bytes = new byte[KEYS];
        Keyboard keyboard = streams.keyboard();
        try {
            for (int n = keyboard.in().read(bytes); n >= 0; n = keyboard.in().read(bytes)) {
                int typed = keyboard.isTerminal() ? beforeEscape(bytes, n) : n;
                machine.writeConsole(ByteBuffer.wrap(bytes, 0, typed));
                if (typed < n) {
                    keys.complete(Keys.LEFT);
                    return;
                }
            }
        } catch (IOException | InterruptedException e) {
            if (!machine.exit().isDone()) {
                screen.say("no more is typed: " + e.getMessage());
            }
        }
        keys.complete(Keys.ENDED);
    }

    private static int beforeEscape(byte[] bytes, int length) {
        int at = 0;
        while (at < length && bytes[at] != ESCAPE) {
            at++;
        }
        return at;
    }

    @Override
    public void console(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        if (!unseen) {
            try {
                show(copy);
            } catch (IOException e) {
                unseen = true;
                screen.say("the reader of stdout is gone (" + e.getMessage() + "); the machine goes on without it");
            }
        }
    }

    private void show(byte[] bytes) throws IOException {
        OutputStream out = streams.out();
        out.write(bytes);
        out.flush();
    }

    @Override
    public void output(ByteBuffer bytes) {
        // for jobs, of which there is none
    }

    @Override
    public void running() {
        // the console will show it
    }

    private static String describe(MachineExit exit) {
        if (exit instanceof MachineExit.Rebooted) {
            return "the guest rebooted, which ends the machine";
        } else if (exit instanceof MachineExit.Panicked) {
            return "the guest's kernel panicked";
        } else if (exit instanceof MachineExit.Killed killed) {
            return "the machine was killed: " + killed.why();
        } else if (exit instanceof MachineExit.Died died) {
            return "the hypervisor ended with status " + died.status() + ": " + TerminalFilter.plain(died.lastWords());
        } else if (exit instanceof MachineExit.DiskFull full) {
            return "the host has no more room for what the guest wrote to " + full.file()
                    + "; make some, and start again";
        } else if (exit instanceof MachineExit.Lost lost) {
            return "the machine is out of reach: " + lost.why();
        }
        return "the guest ended the machine; the hypervisor does not report whether it powered off";
    }
}
