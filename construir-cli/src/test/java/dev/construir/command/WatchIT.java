package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.construir.DataSize;
import dev.construir.job.Job;
import dev.construir.testing.TestImages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A watcher as people start it, with real machines of the tiny image and real signals. */
@Timeout(180)
@SuppressWarnings("NullAway.Init")
class WatchIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern STATUS =
            Pattern.compile("\r0 waiting, 1 running: long 0:\\d\\d; 0 done, 0 failed\u001b\\[K");

    @TempDir
    Path directory;

    private QueueDirectory queue;
    private @Nullable Process watcher;

    @BeforeEach
    void makeQueue() throws IOException {
        queue = new QueueDirectory(Files.createDirectory(directory.resolve("jobs")));
    }

    @BeforeAll
    static void build(@TempDir Path directory) throws Exception {
        Launch launch = Launch.of(directory, "--version"); // a checkout without jars builds them now
        assertThat(launch.status()).as(launch.err()).isZero();
    }

    @AfterEach
    void nothingIsLeftBehind() throws Exception {
        if (watcher != null && watcher.isAlive()) { // the test has failed
            watcher.destroyForcibly().waitFor();
        }
        assertThat(Launch.processesNaming(directory.toString())).isEmpty();
        assertThat(queue.names("running")).isEmpty();
        try (Stream<Path> left = Files.walk(directory.resolve("scratch"))) {
            assertThat(left.filter(file -> file.toString().matches(".*\\.(img|sock|qcow2)")))
                    .isEmpty();
        }
    }

    private String[] watch(String... options) {
        // Other tests have machines, too, for which these need not wait.
        List<String> words =
                new ArrayList<>(List.of("watch", "--memory=128M", "--disk=16M", "--reserve=64M", "--budget=none"));
        words.addAll(List.of("--root", TestImages.find("tiny").toString()));
        words.addAll(List.of("--scratch", directory.resolve("scratch").toString()));
        words.addAll(List.of(options));
        words.add(queue.top().toString());
        return words.toArray(String[]::new);
    }

    private Process start(String... options) throws IOException {
        Process process = Launch.start(directory, watch(options));
        watcher = process;
        return process;
    }

    private static void terminate(Process process) {
        assertThat(process.supportsNormalTermination()).isTrue();
        process.destroy(); // SIGTERM
    }

    private void awaitSaid(String text) {
        await().atMost(PATIENCE)
                .until(() -> Files.readString(directory.resolve("stderr")).contains(text));
    }

    private void awaitMachine() {
        await().atMost(PATIENCE)
                .until(() -> Launch.processesNaming(directory.toString()).stream()
                        .anyMatch(line -> line.contains("qemu-system-")));
    }

    private List<String> claimed() throws IOException {
        try (Stream<Path> files = Files.walk(queue.top().resolve("running"), 3)) {
            return files.filter(file -> file.getNameCount() == queue.top().getNameCount() + 4)
                    .map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    private JsonObject recorded(String folder, String job) throws IOException {
        return JsonParser.parseString(queue.read(folder, job + ".json")).getAsJsonObject();
    }

    private void assertPacked(String folder, String job) throws Exception {
        Path packed = queue.top().resolve(folder).resolve(job + ".img.xz");
        assertThat(new ProcessBuilder("xz", "--test", packed.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start()
                        .waitFor())
                .as(packed.toString())
                .isZero();
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(packed));
        JsonObject compressed = recorded(folder, job).getAsJsonObject("compressed");
        assertThat(compressed.get("sha256").getAsString())
                .isEqualTo(HexFormat.of().formatHex(digest));
        assertThat(compressed.get("size").getAsLong()).isEqualTo(Files.size(packed));
    }

    /** Image and directory, a failure, a job that hangs and one that is none; the signal comes while they run. */
    @Test
    void servesAQueueAndFinishesWhatRunsWhenItIsTerminated() throws Exception {
        Path image = queue.top().resolve("image.part");
        Job.fromDirectory(queue.make("source", "echo from an image; exit 3"))
                .createDisk(image, DataSize.ofMebibytes(8));
        queue.put(image, "image.img");
        queue.put("hello", "echo hello; touch made");
        queue.put("hanging", "exec sleep 600");
        queue.put(Files.writeString(queue.top().resolve("notes.part"), "no disk"), "notes");
        Process process = start("--jobs=4", "--idle-timeout=2s", "--grace=2m");
        await().atMost(PATIENCE)
                .until(() -> queue.names("failed").contains("notes.json")
                        && claimed().equals(List.of("hanging", "hello", "image.img")));
        terminate(process);
        awaitSaid("draining: no new jobs start");
        queue.put("late", "echo never");
        Launch launch = Launch.end(process, directory);
        assertThat(launch.status()).as(launch.err()).isZero();

        assertThat(queue.names("done"))
                .containsExactly("hello.img.xz", "hello.json", "hello.log", "image.img.xz", "image.json", "image.log");
        assertThat(queue.names("failed"))
                .containsExactly("hanging.img.xz", "hanging.json", "hanging.log", "notes", "notes.json", "notes.log");
        assertThat(queue.names("queue")).containsExactly("late");
        assertThat(queue.read("done", "hello.log")).isEqualTo("hello\n");
        assertThat(queue.read("done", "image.log")).isEqualTo("from an image\n");
        assertPacked("done", "hello");
        assertPacked("done", "image");
        assertPacked("failed", "hanging");
        JsonObject record = recorded("done", "image");
        assertThat(record.get("outcome").getAsString()).isEqualTo("exited");
        assertThat(record.get("exitCode").getAsInt()).isEqualTo(3);
        assertThat(record.get("attempts").getAsInt()).isEqualTo(1);
        assertThat(record.get("queued").getAsString()).isEqualTo("image.img");
        assertThat(record.get("hypervisor").getAsString()).isEqualTo("qemu");
        assertThat(recorded("failed", "hanging").get("outcome").getAsString()).isEqualTo("timedOut");
        // by the name that people gave it, and not by the place of a claim that is gone
        assertThat(recorded("failed", "notes").get("reason").getAsString())
                .contains(" notes holds no ext2")
                .doesNotContain("/running/");

        assertThat(launch.out()).isEmpty();
        String time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";
        String figures = " \\([0-9a-z. ]+, attempt 1\\)";
        assertThat(launch.err().lines().filter(line -> !line.startsWith("construir: ")))
                .hasSize(4)
                .anyMatch(line -> line.matches(time + " done   hello: exited with status 0" + figures))
                .anyMatch(line -> line.matches(time + " done   image: exited with status 3" + figures))
                .anyMatch(line -> line.matches(time + " failed hanging: timed out: the idle limit of 2s .*" + figures))
                .anyMatch(line -> line.matches(time + " failed notes: .*" + figures));
        assertThat(launch.err()).endsWith("construir: ended: 2 done, 2 failed\n");
    }

    @Test
    void givesBackWhatIsNotFinishedWithinTheGracePeriod() throws Exception {
        queue.put("long", "exec sleep 600");
        Process process = start("--grace=100ms");
        awaitMachine();
        terminate(process);
        Launch launch = Launch.end(process, directory);
        assertThat(launch.status()).as(launch.err()).isZero();
        assertThat(queue.names("queue")).containsExactly("long");
        assertThat(queue.names("done")).isEmpty();
        assertThat(queue.names("failed")).isEmpty();
        assertThat(launch.err()).contains(" back   long: cancelled (").endsWith("ended: 0 done, 0 failed\n");
    }

    private static void signal(String name, Process process) throws Exception {
        assertThat(new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Its machine goes on meanwhile, and comes to its end before the job is taken over. */
    @Test
    void aWatcherThatIsStoppedIsReportedAndLosesItsJobAndGoesOn() throws Exception {
        queue.put("taken", "echo once");
        Process stopped = start();
        awaitMachine();
        signal("STOP", stopped);
        Path others = Files.createDirectory(directory.resolve("other"));
        Process other = Launch.start(others, watch("--take-over-after=10s"));
        try {
            await().atMost(PATIENCE).until(() -> queue.names("done").contains("taken.json"));
            assertThat(Files.readString(others.resolve("stderr")))
                    .contains("the watcher with process id " + stopped.pid() + " on ")
                    .containsPattern("has shown no sign of life for \\d+ s and holds 1 job: taken")
                    .containsPattern("taking over job taken \\(attempt 1\\)");
            assertThat(recorded("done", "taken").get("attempts").getAsInt()).isEqualTo(2);
            signal("CONT", stopped);
            awaitSaid(" lost   taken: another watcher (process id " + other.pid() + ") took the job over");
            terminate(other);
            assertThat(Launch.end(other, others).status()).isZero();
            queue.put("next", "echo next");
            await().atMost(PATIENCE).until(() -> queue.names("done").contains("next.json"));
        } finally {
            other.destroyForcibly();
        }
        terminate(stopped);
        assertThat(Launch.end(stopped, directory).status()).isZero();
        assertThat(queue.names("done"))
                .containsExactly("next.img.xz", "next.json", "next.log", "taken.img.xz", "taken.json", "taken.log");
        assertThat(queue.names("failed")).isEmpty();
    }

    /** By script(1), which has a terminal of its own, on which Ctrl-C is typed twice. */
    @Test
    void onATerminalThereIsALiveLineAndASecondCtrlCEndsAtOnce() throws Exception {
        queue.put("long", "exec sleep 600");
        String command = Stream.concat(
                        Stream.of("env", "--default-signal=INT", Launch.launcher()), Stream.of(watch("--grace=none")))
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" ", "exec ", "")); // a shell that stays would be ended by Ctrl-C itself
        Process process = new ProcessBuilder("script", "--quiet", "--return", "--command", command, "/dev/null")
                .redirectErrorStream(true)
                .start();
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        Thread reader = new Thread(() -> {
            try {
                process.getInputStream().transferTo(seen);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        reader.start();
        try {
            awaitMachine();
            await().atMost(PATIENCE).until(() -> STATUS.matcher(text(seen)).find());
            type(process, 3);
            await().atMost(PATIENCE).until(() -> text(seen).contains("running jobs have as long as they need"));
            // Signals in quick succession count as one: some programs send several at once.
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> {
                type(process, 3);
                return text(seen).contains("second signal");
            });
            int code = process.waitFor();
            reader.join();
            assertThat(code).as(text(seen)).isZero();
        } finally {
            process.destroy();
        }
        assertThat(text(seen))
                .contains("\u001b[Kconstruir: second signal: running jobs return to the queue at once\r\n")
                .endsWith("\r\u001b[Kconstruir: ended: 0 done, 0 failed\r\n");
        assertThat(queue.names("queue")).containsExactly("long");
    }

    private static void type(Process terminal, int key) throws IOException {
        terminal.getOutputStream().write(key);
        terminal.getOutputStream().flush();
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
