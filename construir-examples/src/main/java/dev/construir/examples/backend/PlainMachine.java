package dev.construir.examples.backend;

import dev.construir.backend.ListeningSocket;
import dev.construir.backend.StreamReader;
import dev.construir.backend.StreamReader.Receipts;
import dev.construir.backend.StreamWriter;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Usage;
import dev.construir.scratch.ScratchDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A QEMU process, its directory and its two streams: all of it is this object's, whose thread waits for the end and
 * cleans up.
 */
final class PlainMachine implements Machine {
    /** The sockets' names in the machine's directory. */
    static final String CONSOLE = "console";

    static final String OUTPUT = "output";
    /** Where QEMU's own words go. */
    static final String WORDS = "words";

    private static final Duration STREAMS = Duration.ofSeconds(10);
    private static final int MOST_WORDS = 4096;

    private final MachineInfo info;
    private final ScratchDirectory directory;
    private final Process process;
    private final MachineListener listener;
    private final StreamReader console;
    private final StreamWriter keyboard;
    private final StreamReader output;
    private final AtomicReference<@Nullable String> killed = new AtomicReference<>();
    private final CompletableFuture<MachineExit> exit = new CompletableFuture<>();
    private final CompletableFuture<MachineExit> told = exit.copy();
    private volatile Duration cpu = Duration.ZERO;

    PlainMachine(
            MachineSpec spec,
            ScratchDirectory directory,
            Process process,
            ListeningSocket console,
            ListeningSocket output,
            MachineListener listener)
            throws IOException {
        String threads = "construir-plain-" + spec.name();
        this.info = new MachineInfo(
                "plain-qemu", "unknown", "tcg", "it is all this backend has", false, Optional.empty(), List.of());
        this.directory = directory;
        this.process = process;
        this.listener = listener;
        this.console = StreamReader.start(console, threads + "-console", this::console, Receipts.NONE);
        this.keyboard = new StreamWriter(this.console, threads + "-keyboard");
        this.output = StreamReader.start(output, threads + "-output", listener::output, Receipts.GIVEN);
        listener.running();
        Thread watcher = new Thread(this::watch, threads);
        watcher.setDaemon(true);
        watcher.start();
    }

    @Override
    public MachineInfo info() {
        return info;
    }

    @Override
    public CompletableFuture<MachineExit> exit() {
        return told;
    }

    @Override
    public Usage usage() {
        // Of a process that is gone nothing is known any more: the last that was seen counts.
        cpu = process.info()
                .totalCpuDuration()
                .filter(now -> now.compareTo(cpu) > 0)
                .orElse(cpu);
        return new Usage(cpu, Optional.empty(), Usage.NONE.diskRead(), Usage.NONE.diskWritten());
    }

    @Override
    public void writeConsole(ByteBuffer bytes) throws IOException, InterruptedException {
        keyboard.write(bytes);
    }

    @Override
    public void kill(String why) {
        if (!exit.isDone() && killed.compareAndSet(null, why)) {
            usage();
            process.destroyForcibly();
        }
    }

    @Override
    public void close() {
        kill("the machine was closed");
        exit.join();
    }

    private void console(ByteBuffer bytes) {
        listener.console(bytes);
        usage(); // a machine that ends by itself says something shortly before
    }

    private void watch() {
        MachineExit how = new MachineExit.Lost("the thread that watched the machine failed");
        try {
            int status = process.waitFor();
            console.stopWaiting();
            output.stopWaiting();
            console.awaitEnd(STREAMS);
            output.awaitEnd(STREAMS);
            how = decide(status);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // not expected: no code interrupts this thread
        } finally {
            process.destroyForcibly();
            keyboard.close();
            directory.close();
            exit.complete(how);
        }
    }

    // Without a control connection a reset looks like a power-off: the core asks the job's status then.
    private MachineExit decide(int status) {
        if (status == 0) {
            return new MachineExit.Ended();
        }
        String why = killed.get();
        return why == null ? new MachineExit.Died(status, words()) : new MachineExit.Killed(why);
    }

    private String words() {
        try {
            Path file = directory.path().resolve(WORDS);
            String all = Files.size(file) > MOST_WORDS ? "" : Files.readString(file, StandardCharsets.ISO_8859_1);
            return all.strip();
        } catch (IOException e) {
            return "";
        }
    }
}
