package dev.construir.backend;

import dev.construir.DataSize;
import dev.construir.guest.UnpackedDisk;
import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Usage;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.text.Reason;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A machine that is a process of this host, such as a container, a sandbox or a child process. It plays the guest's
 * part of the guest contract: it unpacks the job disk into a directory, runs a program there, and writes the directory
 * and the status back to the disk.
 *
 * <pre>{@code
 * ProcessMachine.Program program = (machine, job, environment) -> {
 *     ProcessBuilder sandbox = new ProcessBuilder("bwrap", "--ro-bind", "/srv/root", "/", "--bind",
 *             job.toString(), "/job", "--chdir", "/job", "--unshare-all", "--die-with-parent", "/job/bin/construir");
 *     sandbox.environment().putAll(environment);
 *     return sandbox;
 * };
 * Machine machine = ProcessMachine.start(spec, info, scratch.open().directory(spec.name()), program, listener);
 * }</pre>
 *
 * <p>How far a job is kept from the host is the program's business; a plain child process is not kept from anything. Of
 * a machine without a job disk the program is all of the guest: its output is the console. Differences from a machine:
 * an end by a signal is the exit status 128 + n, the idle limit sees processor time and output only, and the machine of
 * a job that leaves more than its disk holds ends as {@link MachineExit.Died}.
 *
 * <p>Safe for use by many threads.
 *
 * @since 0.1
 */
public final class ProcessMachine implements Machine {
    private static final int CHUNK = 64 << 10;
    private static final Duration POLL = Duration.ofMillis(5);
    private static final Duration SAMPLE = Duration.ofMillis(100);
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME", "/root",
            "USER", "root",
            "LOGNAME", "root",
            "SHELL", "/bin/sh",
            "LANG", "C.UTF-8",
            "TERM", "dumb",
            "CONSTRUIR", "1");

    /** Says what is run for a machine. */
    @FunctionalInterface
    public interface Program {
        /**
         * Returns the process to start. Its standard streams are set by the machine: input from {@code /dev/null}, both
         * outputs to the machine. The thread that starts it lives until it ends, so that {@code PR_SET_PDEATHSIG} can
         * be used.
         *
         * @param spec the machine that was asked for
         * @param job the directory with the content of the job disk, {@code bin/construir} among it; empty if the
         *     machine has no job disk
         * @param environment what the guest contract promises the job, {@code CONSTRUIR_RUN} among it
         * @return the process, not started
         */
        ProcessBuilder command(MachineSpec spec, Path job, Map<String, String> environment);
    }

    private final MachineSpec spec;
    private final MachineInfo info;
    private final ScratchDirectory directory;
    private final Program program;
    private final MachineListener listener;
    private final CompletableFuture<MachineExit> exit = new CompletableFuture<>();
    private final CompletableFuture<MachineExit> published = exit.copy();
    private volatile Duration cpu = Duration.ZERO;

    // guarded by this
    private @Nullable ProcessFamily family;
    private @Nullable String killedFor;
    private boolean ended;

    private ProcessMachine(
            MachineSpec spec, MachineInfo info, ScratchDirectory directory, Program program, MachineListener listener) {
        this.spec = spec;
        this.info = info;
        this.directory = directory;
        this.program = program;
        this.listener = listener;
    }

    /**
     * Starts a machine. The root disk is only looked at; what the program makes of it is its business.
     *
     * @param spec the machine; its second disk, if it has one, is the job disk
     * @param info what runs it
     * @param directory where the job disk is unpacked, empty; closed by the machine, also if this method fails
     * @param program what is run
     * @param listener receives what the machine says
     * @return the machine, to be closed by the caller
     * @throws HypervisorException if a disk's image cannot be used
     * @throws IOException if a disk's image cannot be read
     */
    public static ProcessMachine start(
            MachineSpec spec, MachineInfo info, ScratchDirectory directory, Program program, MachineListener listener)
            throws HypervisorException, IOException {
        boolean started = false;
        try {
            for (Disk disk : spec.disks()) {
                long unused = Overlay.virtualSize(disk);
            }
            ProcessMachine machine = new ProcessMachine(spec, info, directory, program, listener);
            Thread thread = new Thread(machine::play, "construir-process-" + spec.name());
            thread.setDaemon(true);
            thread.start();
            started = true;
            return machine;
        } finally {
            if (!started) {
                directory.close();
            }
        }
    }

    private void play() {
        MachineExit how = new MachineExit.Lost("the thread that ran the machine failed");
        try {
            listener.running();
            how = spec.disks().size() > 1 ? runJob(spec.disks().get(1)) : runConsole();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // not expected: no code interrupts this thread
        } catch (IOException e) {
            how = endedAs(new MachineExit.Died(-1, Reason.of(e)));
        } finally {
            directory.close();
            exit.complete(how);
        }
    }

    private MachineExit runConsole() throws IOException, InterruptedException {
        var unused = run(directory.path(), directory.path().getFileName().toString(), listener::console);
        return endedAs(new MachineExit.Ended());
    }

    private MachineExit runJob(Disk disk) throws IOException, InterruptedException {
        String serial = disk.serial().orElse("none");
        console("ready");
        UnpackedDisk unpacked = UnpackedDisk.unpack(disk.file(), directory.path());
        Path logFile = directory.path().resolve("construir.log");
        Files.deleteIfExists(logFile);
        Optional<Integer> status;
        try (OutputStream log = Files.newOutputStream(logFile, StandardOpenOption.CREATE_NEW)) {
            console("started " + serial);
            status = run(directory.path(), serial, bytes -> {
                listener.output(bytes.duplicate());
                byte[] copy = new byte[bytes.remaining()];
                bytes.get(copy);
                log.write(copy);
            });
        }
        MachineExit how = endedAs(new MachineExit.PoweredOff());
        boolean killed = how instanceof MachineExit.Killed || status.isEmpty();
        String end = killed ? "state=started\n" : "state=ended\nexit=" + (status.get() & 0xff) + "\n";
        try {
            unpacked.pack("run=" + serial + "\n" + end);
        } catch (IOException e) {
            return killed
                    ? how
                    : new MachineExit.Died(-1, "what the job left could not be written to its disk: " + Reason.of(e));
        }
        if (!killed) {
            console("ended " + serial);
        }
        return how;
    }

    private void console(String words) {
        byte[] line = ("construir: " + words + "\n").getBytes(StandardCharsets.UTF_8);
        listener.console(ByteBuffer.wrap(line).asReadOnlyBuffer());
    }

    /** Takes what the process prints. */
    @FunctionalInterface
    private interface Sink {
        void accept(ByteBuffer bytes) throws IOException;
    }

    /** Runs the program to its end; empty if the machine was killed before it began. */
    private Optional<Integer> run(Path job, String serial, Sink sink) throws IOException, InterruptedException {
        Map<String, String> environment = new LinkedHashMap<>(ENVIRONMENT);
        environment.put("CONSTRUIR_RUN", serial);
        ProcessBuilder command = program.command(spec, job, environment)
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.PIPE);
        Process process = launch(command, "CONSTRUIR_RUN=" + serial);
        if (process == null) {
            return Optional.empty();
        }
        try (InputStream printed = process.getInputStream()) {
            copy(process, printed, sink);
            return Optional.of(process.waitFor());
        } finally {
            ProcessFamily leftovers = family();
            if (leftovers != null) {
                leftovers.kill();
            }
        }
    }

    private synchronized @Nullable Process launch(ProcessBuilder command, String mark) throws IOException {
        if (killedFor != null) {
            return null;
        }
        Process process = command.start();
        family = new ProcessFamily(process.toHandle(), mark);
        return process;
    }

    // Never blocks in a read: what the process has left behind may keep the pipe open for ever.
    private void copy(Process process, InputStream printed, Sink sink) throws IOException, InterruptedException {
        byte[] chunk = new byte[CHUNK];
        long sampled = System.nanoTime() - SAMPLE.toNanos();
        while (true) {
            boolean over = !process.isAlive(); // asked first: what is there then is all there is
            int length = Math.min(printed.available(), CHUNK);
            if (length > 0) {
                length = printed.read(chunk, 0, length);
                sink.accept(ByteBuffer.wrap(chunk, 0, length).asReadOnlyBuffer());
            } else if (over) {
                return;
            } else {
                var unused = process.waitFor(POLL.toNanos(), TimeUnit.NANOSECONDS);
            }
            if (System.nanoTime() - sampled >= SAMPLE.toNanos()) {
                cpu = cpuNow();
                sampled = System.nanoTime();
            }
        }
    }

    private synchronized @Nullable ProcessFamily family() {
        return family;
    }

    private Duration cpuNow() {
        ProcessFamily running = family();
        return running == null ? Duration.ZERO : running.cpu();
    }

    /** Ends the time in which it can be killed. */
    private synchronized MachineExit endedAs(MachineExit how) {
        ended = true;
        return killedFor == null ? how : new MachineExit.Killed(killedFor);
    }

    @Override
    public MachineInfo info() {
        return info;
    }

    @Override
    public CompletableFuture<MachineExit> exit() {
        return published;
    }

    /** Returns the processor time of the process and its children; memory and disks are not measured. */
    @Override
    public Usage usage() {
        if (!exit.isDone()) {
            cpu = cpuNow();
        }
        return new Usage(cpu, Optional.empty(), DataSize.ofBytes(0), DataSize.ofBytes(0));
    }

    @Override
    public void kill(String why) {
        ProcessFamily running;
        synchronized (this) {
            if (ended || killedFor != null) {
                return;
            }
            killedFor = why;
            running = family;
        }
        if (running != null) {
            cpu = running.cpu();
            running.kill();
        }
    }

    @Override
    public void close() {
        kill("the machine was closed");
        MachineExit unused = exit.join();
    }

    /** Returns the name of the machine, and whether it has ended. */
    @Override
    public String toString() {
        return "process machine " + spec.name() + (exit.isDone() ? ", ended" : "");
    }
}
