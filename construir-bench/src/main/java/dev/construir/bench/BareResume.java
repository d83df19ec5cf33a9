package dev.construir.bench;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.construir.ConstruirException;
import dev.construir.backend.ListeningSocket;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The least that it takes to resume a machine: QEMU with the library's own arguments, on the same memory snapshot, and
 * a script of QMP commands. The reference for the library.
 */
final class BareResume {
    private static final String COMMANDS = """
            {"execute":"qmp_capabilities"}
            {"execute":"migrate-set-capabilities","arguments":{"capabilities":[{"capability":"x-ignore-shared","state":true},\
            {"capability":"events","state":true}]}}
            {"execute":"migrate-incoming","arguments":{"uri":"fd:0"}}
            """;

    private final List<String> words;
    private final Path image;
    private final String disk;

    private BareResume(List<String> words, Path image, String disk) {
        this.words = words;
        this.image = image;
        this.disk = disk;
    }

    /** What one machine took, each since its process was started: until it ran, and until all was over. */
    record Times(Duration resumed, Duration over) {}

    /** What is waited for when a machine has been resumed. */
    @FunctionalInterface
    private interface Course {
        void await(SocketChannel sandbox, BufferedReader says, OutputStream commands, Process process)
                throws IOException, InterruptedException;
    }

    /** Takes the words of a machine that the library has resumed. */
    static BareResume like(List<String> words) throws ConstruirException {
        Path image = null;
        String disk = null;
        for (String word : words) {
            if (word.startsWith("{")) {
                JsonObject object = JsonParser.parseString(word).getAsJsonObject();
                if (object.has("mem-path")) {
                    image = Path.of(object.get("mem-path").getAsString()).getParent();
                } else if (object.has("filename")
                        && object.get("filename").getAsString().endsWith("job.img")) {
                    disk = object.get("filename").getAsString();
                }
            }
        }
        if (image == null || disk == null) {
            throw new ConstruirException(
                    "the machine was not resumed from a memory snapshot: " + String.join(" ", words));
        }
        return new BareResume(words, image, disk);
    }

    /**
     * Resumes a machine and waits for its end.
     *
     * @param directory an empty directory
     * @param job the job's disk, which the machine writes to
     */
    Times untilGone(Path directory, Path job) throws IOException, InterruptedException {
        return run(directory, job, (sandbox, says, commands, process) -> {
            await(says, "\"SHUTDOWN\"", "guest-shutdown");
            send(commands, "{\"execute\":\"quit\"}\n");
            process.waitFor();
        });
    }

    /**
     * Resumes a machine whose job is the {@link ShellLoop}, and waits for what that answers to a line.
     *
     * @param directory an empty directory
     * @param job the job's disk, which the machine writes to
     */
    Times untilAnswer(Path directory, Path job, String line, String answer) throws IOException, InterruptedException {
        return run(directory, job, (sandbox, says, commands, process) -> {
            send(Channels.newOutputStream(sandbox), line + "\n"); // QEMU keeps it until the guest opens the port
            byte[] said = Channels.newInputStream(sandbox).readNBytes(answer.length() + 1);
            if (!new String(said, StandardCharsets.UTF_8).equals(answer + "\n")) {
                throw new IOException("the shell answered " + new String(said, StandardCharsets.UTF_8).strip());
            }
        });
    }

    private Times run(Path directory, Path job, Course course) throws IOException, InterruptedException {
        Files.copy(image.resolve("layer-0.qcow2"), directory.resolve("overlay-0.qcow2"));
        long size = Files.size(job);
        List<String> command = new ArrayList<>();
        for (String word : words) {
            command.add(word.replace(disk, job.toString()));
        }
        try (ListeningSocket qmp = ListeningSocket.bind(directory, "qmp.sock");
                ListeningSocket console = ListeningSocket.bind(directory, "console.sock");
                ListeningSocket output = ListeningSocket.bind(directory, "output.sock");
                ListeningSocket port = ListeningSocket.bind(directory, "sandbox.sock")) {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectInput(image.resolve("state").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("words").toFile());
            long begin = System.nanoTime();
            Process process = builder.start();
            try (SocketChannel control = qmp.accept();
                    SocketChannel prints = console.accept();
                    SocketChannel speaks = output.accept();
                    SocketChannel sandbox = port.accept();
                    BufferedReader says = new BufferedReader(Channels.newReader(control, StandardCharsets.UTF_8))) {
                drain(prints, false);
                drain(speaks, true);
                OutputStream commands = Channels.newOutputStream(control);
                send(commands, COMMANDS);
                await(says, "\"MIGRATION\"", "\"completed\"");
                send(
                        commands,
                        "{\"execute\":\"block_resize\",\"arguments\":{\"node-name\":\"disk-1\",\"size\":" + size
                                + "}}\n{\"execute\":\"cont\"}\n");
                await(says, "\"RESUME\"", "");
                Duration resumed = since(begin);
                course.await(sandbox, says, commands, process);
                return new Times(resumed, since(begin));
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static void send(OutputStream to, String commands) throws IOException {
        to.write(commands.getBytes(StandardCharsets.UTF_8));
        to.flush();
    }

    private static void await(BufferedReader says, String event, String of) throws IOException {
        String line = says.readLine();
        while (line != null && !(line.contains(event) && line.contains(of))) {
            if (line.contains("\"error\"")) {
                throw new IOException("QEMU refused a command: " + line);
            }
            line = says.readLine();
        }
        if (line == null) {
            throw new IOException("QEMU ended before it said " + event);
        }
    }

    // The guest of a job that prints nothing waits for no more than the word that nothing was read.
    private static void drain(SocketChannel stream, boolean receipt) {
        Thread thread = new Thread(() -> {
            try (InputStream in = Channels.newInputStream(stream)) {
                if (receipt) {
                    send(Channels.newOutputStream(stream), "0\n");
                }
                in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // QEMU is gone
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
