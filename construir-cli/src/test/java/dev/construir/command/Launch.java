package dev.construir.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The command as people start it: the launcher script, in a process of its own.
 *
 * @param status its exit code
 * @param out what it wrote to stdout
 * @param err what it wrote to stderr
 */
public record Launch(int status, String out, String err) {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** Runs the command to its end; a directory keeps its streams. */
    public static Launch of(Path directory, String... arguments) throws Exception {
        Process process = start(directory, arguments);
        return end(process, directory);
    }

    /** The same in another environment. */
    static Launch in(Path directory, Map<String, String> environment, String... arguments) throws Exception {
        return by(directory, List.of(), environment, arguments);
    }

    /** The same, started by another program. */
    static Launch by(Path directory, List<String> starter, Map<String, String> environment, String... arguments)
            throws Exception {
        return end(start(directory, starter, environment, arguments), directory);
    }

    static Process start(Path directory, String... arguments) throws IOException {
        return start(directory, List.of(), Map.of(), arguments);
    }

    private static Process start(
            Path directory, List<String> starter, Map<String, String> environment, String... arguments)
            throws IOException {
        // Whoever runs the tests may have been started with SIGINT ignored, and Java passes that on.
        List<String> command = new ArrayList<>(starter);
        command.addAll(List.of("env", "--default-signal=INT", launcher()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return builder.redirectOutput(directory.resolve("stdout").toFile())
                .redirectError(directory.resolve("stderr").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
    }

    static Launch end(Process process, Path directory) throws Exception {
        return end(process, directory, PATIENCE);
    }

    static Launch end(Process process, Path directory, Duration patience) throws Exception {
        if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the command did not end within " + patience.toSeconds() + " s; it said:\n"
                    + Files.readString(directory.resolve("stderr")));
        }
        return new Launch(
                process.exitValue(),
                Files.readString(directory.resolve("stdout"), StandardCharsets.ISO_8859_1),
                Files.readString(directory.resolve("stderr"), StandardCharsets.UTF_8));
    }

    public static String launcher() {
        Path script = Path.of("../construir").toAbsolutePath().normalize();
        if (!Files.isExecutable(script)) {
            throw new IllegalStateException("no launcher " + script + "; run the tests in construir-cli");
        }
        return script.toString();
    }

    /** Returns the processes, other than this one, whose command line has a word in it. */
    static List<String> processesNaming(String word) throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes.toList()) {
                if (process.getFileName().toString().matches("\\d+")
                        && !process.endsWith(
                                Long.toString(ProcessHandle.current().pid()))) {
                    String line = commandLine(process);
                    if (line.contains(word)) {
                        found.add(line);
                    }
                }
            }
        }
        return found;
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ');
        } catch (IOException e) {
            return ""; // it has ended meanwhile
        }
    }
}
