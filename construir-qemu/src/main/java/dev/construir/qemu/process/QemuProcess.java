package dev.construir.qemu.process;

import dev.construir.DataSize;
import dev.construir.procfs.PeakMemory;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A running QEMU. Safe for use by many threads. */
public final class QemuProcess {
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final Process process;
    private final ProcessOutputTail output;
    private volatile Duration cpu = Duration.ZERO;
    private volatile Optional<DataSize> peakMemory = Optional.empty();

    private QemuProcess(Process process, ProcessOutputTail output) {
        this.process = process;
        this.output = output;
    }

    /**
     * Starts QEMU and records its identity in the directory, for the process that finds the directory if this one dies.
     *
     * @param launcher starts it
     * @param protection what ends it with this process
     * @param command QEMU's command; one argument contains the directory's name
     * @param input the file it reads as its standard input, if any
     * @param directory the machine's directory, in which QEMU runs
     * @param threadName the name of the thread that reads what it writes
     * @return the process
     * @throws IOException if it could not be started; it does not run then
     * @throws InterruptedException if the thread was interrupted; it does not run then
     */
    public static QemuProcess start(
            Launcher launcher,
            OrphanProtection protection,
            List<String> command,
            Optional<Path> input,
            Path directory,
            String threadName)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(protection.protect(command, input))
                .directory(directory.toFile())
                .redirectInput(protection.input(input))
                .redirectErrorStream(true);
        ProcessEnvironment.reduce(builder, directory);
        Process process = launcher.launch(builder);
        boolean noted = false;
        try {
            LeftoverProcesses.note(directory, process.pid());
            QemuProcess qemu = of(process, threadName);
            noted = true;
            return qemu;
        } finally {
            if (!noted) {
                KillEscalation.end(process);
            }
        }
    }

    /**
     * Takes over a process that runs.
     *
     * @param process the process
     * @param threadName the name of the thread that reads what it writes
     * @return the process
     */
    public static QemuProcess of(Process process, String threadName) {
        return new QemuProcess(process, ProcessOutputTail.start(process.getInputStream(), threadName));
    }

    /**
     * Returns which process it is.
     *
     * @return its number
     */
    public long pid() {
        return process.pid();
    }

    /**
     * Finds a file that it has open, also if the file's name is gone.
     *
     * @param name the last part of the file's path
     * @return a path to it, while it is open
     * @throws IOException if it has no such file open, or that cannot be seen
     */
    public Path openFile(String name) throws IOException {
        String wanted = "/" + name;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid()), "fd"))) {
            for (Path descriptor : all) {
                String target = Files.readSymbolicLink(descriptor).toString();
                if (target.endsWith(wanted) || target.endsWith(wanted + " (deleted)")) {
                    return descriptor;
                }
            }
        }
        throw new NoSuchFileException(name, null, "QEMU does not have it open");
    }

    /**
     * Waits for its end.
     *
     * @return its exit status, 128 + n for signal n
     * @throws InterruptedException if the thread was interrupted
     */
    public int waitFor() throws InterruptedException {
        return process.waitFor();
    }

    /**
     * Waits for its end.
     *
     * @param limit how long to wait
     * @return whether it ended
     * @throws InterruptedException if the thread was interrupted
     */
    public boolean waitFor(Duration limit) throws InterruptedException {
        return process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Asks it to end, by a signal it can ignore. */
    public void terminate() {
        process.destroy();
    }

    /** Ends it, by a signal it cannot ignore. */
    public void kill() {
        process.destroyForcibly();
    }

    /**
     * Returns how much processor time it has used. After its end, the last known value.
     *
     * @return the processor time
     */
    public Duration cpu() {
        process.info().totalCpuDuration().filter(now -> now.compareTo(cpu) > 0).ifPresent(now -> cpu = now);
        return cpu;
    }

    /**
     * Returns the most memory it has had at once. After its end, the last known value.
     *
     * @return the memory, or empty where that is unknown
     */
    public Optional<DataSize> peakMemory() {
        Optional<DataSize> now = PeakMemory.of(process.pid());
        if (process.isAlive()) { // and so it was this process that was looked at
            peakMemory = PeakMemory.larger(peakMemory, now);
        }
        return peakMemory;
    }

    /**
     * Returns the end of what it wrote; after its end, all of the end.
     *
     * @return at most 4 KiB of text
     * @throws InterruptedException if the thread was interrupted
     */
    public String lastWords() throws InterruptedException {
        if (!process.isAlive()) {
            output.awaitEnd(LAST_WORDS);
        }
        return output.text();
    }
}
