package dev.construir.qemu.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs a program that ends soon, with its output in a file, so that nothing has to be read while it runs. */
public final class ShortProcess {
    private static final int MOST_OUTPUT = 1 << 20;

    private ShortProcess() {}

    /**
     * What came of it.
     *
     * @param status its exit status, 128 + n for signal n, or empty if it was killed for taking too long
     * @param output what it wrote to its standard output and error
     * @param wall how long it ran
     */
    public record Result(Optional<Integer> status, String output, Duration wall) {}

    /**
     * Runs a program.
     *
     * @param launcher starts it
     * @param command its command
     * @param directory a directory for its files, in which it runs
     * @param input its standard input
     * @param limit when it is killed
     * @return what came of it
     * @throws IOException if it could not be started
     * @throws InterruptedException if the thread was interrupted; the program was killed then
     */
    public static Result run(Launcher launcher, List<String> command, Path directory, String input, Duration limit)
            throws IOException, InterruptedException {
        Path in = Files.writeString(directory.resolve("input"), input);
        return run(launcher, command, directory, ProcessBuilder.Redirect.from(in.toFile()), limit);
    }

    /**
     * Runs a program that shall not outlive this process, without input.
     *
     * @param launcher starts it
     * @param protection what ends it with this process
     * @param command its command
     * @param directory a directory for its files, in which it runs
     * @param limit when it is killed
     * @return what came of it
     * @throws IOException if it could not be started
     * @throws InterruptedException if the thread was interrupted; the program was killed then
     */
    public static Result run(
            Launcher launcher, OrphanProtection protection, List<String> command, Path directory, Duration limit)
            throws IOException, InterruptedException {
        return run(launcher, protection.protect(command), directory, protection.input(), limit);
    }

    private static Result run(
            Launcher launcher, List<String> command, Path directory, ProcessBuilder.Redirect input, Duration limit)
            throws IOException, InterruptedException {
        Path out = directory.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(input)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        ProcessEnvironment.reduce(builder, directory);
        long start = System.nanoTime();
        Process process = launcher.launch(builder);
        try {
            boolean ended = process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
            Duration wall = Duration.ofNanos(System.nanoTime() - start);
            return new Result(ended ? Optional.of(process.exitValue()) : Optional.empty(), read(out), wall);
        } finally {
            KillEscalation.end(process);
            process.getOutputStream().close(); // not before: a sentinel at the other end kills when the pipe ends
        }
    }

    private static String read(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MOST_OUTPUT), StandardCharsets.UTF_8);
        }
    }
}
