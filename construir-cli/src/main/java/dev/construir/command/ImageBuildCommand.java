package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.machine.Architecture;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Failures;
import dev.construir.terminal.Formats;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import dev.construir.terminal.TerminalFilter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code construir image build}: builds the Debian root image by the script that knows how. */
@Command(
        name = "build",
        description = {
            "Builds the Debian root image, unless the same one is there already, and prints its directory.",
            "construir run uses the plain image by itself. Name one with packages, or in another directory, by --root:",
            "construir run --root \"$$(construir image build --include ant)\" JOB",
            ""
        })
final class ImageBuildCommand implements Callable<Integer> {
    private static final int LINES_KEPT = 20;
    private static final int STOP_SECONDS = 30;

    private final Streams streams;
    private final Environment surroundings;

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            description = "What the image is for: x86_64 (amd64) or aarch64 (arm64), which is installed in an emulated "
                    + "machine "
                    + "and takes minutes. Default: x86_64.")
    private Architecture architecture = Architecture.X86_64;

    @Option(
            names = "--include",
            paramLabel = "PACKAGE",
            arity = "1..*",
            split = ",",
            description = "Debian packages to install, in addition to the compiler.")
    private List<String> packages = List.of();

    @Option(
            names = "--small",
            description =
                    "Leaves out the kernel's modules: jobs cannot mount loop devices, overlay, FUSE or vfat, make "
                            + "tun and veth "
                            + "devices, or filter packets.")
    private boolean small;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            description = "Puts a copy of the image into this directory, which must not exist.")
    private @Nullable Path out;

    @Option(
            names = {"-v", "--verbose"},
            negatable = true,
            fallbackValue = "true",
            description = "Shows what the build prints.")
    private boolean verbose;

    ImageBuildCommand(Streams streams, Environment surroundings) {
        this.streams = streams;
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        Screen screen = new Screen(streams);
        return CancelOnSignal.ends(() -> build(screen), screen);
    }

    private int build(Screen screen) throws ConstruirException, IOException, InterruptedException {
        Process process = new ProcessBuilder(script()).start();
        process.getOutputStream().close();
        List<String> unsaid = new ArrayList<>();
        Thread messages = new Thread(() -> follow(process, screen, unsaid), "construir-build-messages");
        messages.start();
        List<String> results = Collections.synchronizedList(new ArrayList<>());
        Thread reader = new Thread(() -> readAll(process, results, screen), "construir-build-results");
        reader.start();
        try {
            int status = process.waitFor(); // not by reading, which no interrupt ends
            messages.join();
            reader.join();
            screen.status("");
            if (status != 0 || results.isEmpty()) {
                unsaid.forEach(screen::say);
                throw new ConstruirException("the image could not be built: the script ended with status " + status);
            }
            new PrintStream(streams.out(), true, StandardCharsets.UTF_8).println(results.get(results.size() - 1));
            return 0;
        } finally {
            stop(process);
        }
    }

    private List<String> script() throws ConstruirException {
        Path home = surroundings
                .home()
                .orElseThrow(() -> new ConstruirException(
                        "images are built from a checkout: run construir by its launcher, the file construir in it"));
        List<String> command = new ArrayList<>(
                List.of("sh", home.resolve("src-test-images").resolve("build").toString()));
        command.add(small ? Environment.smallDebianKind(architecture) : Environment.debianKind(architecture));
        if (!packages.isEmpty()) {
            command.add("--include");
            command.addAll(packages);
        }
        if (out != null) {
            command.addAll(List.of("--out", out.toString()));
        }
        return command;
    }

    private static void readAll(Process process, List<String> results, Screen screen) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            reader.lines().forEach(results::add);
        } catch (IOException | UncheckedIOException e) {
            screen.say("the build's results cannot be read: " + e.getMessage());
        }
    }

    // On a terminal the last line is the status line; otherwise only the builder's own steps are worth a line.
    private void follow(Process process, Screen screen, List<String> unsaid) {
        long begin = System.nanoTime();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                String shown = TerminalFilter.escape(line);
                if (verbose || (!screen.isLive() && shown.startsWith("build: "))) {
                    screen.say(shown);
                    continue;
                }
                Duration soFar = Duration.ofNanos(System.nanoTime() - begin);
                screen.status(Formats.clock(soFar.toSeconds()) + "  " + shown);
                unsaid.add(shown);
                if (unsaid.size() > LINES_KEPT) {
                    unsaid.remove(0);
                }
            }
        } catch (IOException e) {
            screen.say("the build's messages cannot be read: " + Failures.describe(e));
        }
    }

    // By TERM, so that the script and its subshells can remove what they have begun, which is waited for; a second
    // signal ends the wait.
    private static void stop(Process process) throws InterruptedException {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        all.forEach(ProcessHandle::destroy);
        CompletableFuture<?> ends =
                CompletableFuture.allOf(all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new));
        try {
            ends.get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (@SuppressWarnings("unused") ExecutionException | TimeoutException e) {
            all.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
