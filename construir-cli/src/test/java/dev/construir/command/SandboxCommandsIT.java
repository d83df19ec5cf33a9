package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.testing.TestImages;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code construir exec} and {@code shell} as people and scripts start them, with real machines of the tiny image. */
@Timeout(180)
class SandboxCommandsIT {
    @TempDir
    static Path scratch; // shared, so that one memory snapshot serves all

    @TempDir
    Path directory;

    private int answered;

    @AfterEach
    void nothingIsLeftBehind() throws Exception {
        // A keeper lets go of whoever closed its sandbox as its last act: its process, and the launcher's shell, end
        // then.
        await().untilAsserted(() ->
                assertThat(Launch.processesNaming(scratch.toString())).isEmpty());
    }

    private static List<String> options() {
        return List.of(
                "--root=" + TestImages.find("tiny"),
                "--memory=128M",
                "--accelerator=never",
                "--budget=none",
                "--scratch=" + scratch.resolve("s"));
    }

    private static String[] command(String name, String... more) {
        List<String> words = new ArrayList<>(List.of(name));
        words.addAll(options());
        words.addAll(List.of(more));
        return words.toArray(String[]::new);
    }

    private Launch exec(String... more) throws Exception {
        return Launch.of(directory, command("exec", more));
    }

    @Test
    void exec_passesOnStreamsAndExitCodes() throws Exception {
        Launch both = exec("-e", "A=b c", "-w", "/tmp", "--", "sh", "-c", "echo $A; pwd >&2; exit 7");
        assertThat(both.status()).isEqualTo(7);
        assertThat(both.out()).isEqualTo("b c\n");
        assertThat(both.err()).isEqualTo("/tmp\n");
        Launch missing = exec("no-such-program");
        assertThat(missing.status()).isEqualTo(127);
        assertThat(missing.err()).contains("no-such-program: not found");
        assertThat(exec("/etc/passwd").status()).isEqualTo(126);
        assertThat(exec("-u", "nobody-here", "true").status()).isEqualTo(126);
        assertThat(exec("sh", "-c", "kill -9 $$").status()).isEqualTo(137);
    }

    @Test
    void exec_afterALimit_endsWith124() throws Exception {
        Launch late = exec("--timeout=4s", "--", "sleep", "600");
        assertThat(late.status()).as(late.err()).isEqualTo(124);
        assertThat(late.err()).contains("the command was lost", "total");
    }

    @Test
    void exec_withStdin_passesItOnToItsEnd() throws Exception {
        String line = "construir exec".replaceFirst("construir", Launch.launcher());
        String script = "seq 100000 | " + line + " -i " + String.join(" ", options()) + " -- md5sum";
        Process process = new ProcessBuilder("sh", "-c", script)
                .redirectError(directory.resolve("stderr").toFile())
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(process.waitFor()).isZero();
        Process here = new ProcessBuilder("sh", "-c", "seq 100000 | md5sum").start();
        assertThat(said).isEqualTo(new String(here.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
    }

    @Test
    void exec_whoseReaderGoesAway_ends() throws Exception {
        String script = Launch.launcher() + " exec " + String.join(" ", options()) + " -- yes | head -n 2";
        Process process = new ProcessBuilder("sh", "-c", script)
                .redirectError(directory.resolve("stderr").toFile())
                .start();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                .isEqualTo("y\ny\n");
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shell_withoutATerminal_readsAScript() throws Exception {
        Process process = new ProcessBuilder(Launch.launcher())
                .redirectError(directory.resolve("stderr").toFile())
                .command(commandLine("shell"))
                .start();
        try (OutputStream keys = process.getOutputStream()) {
            keys.write("echo $((6 * 7))\nexit 3\n".getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                .isEqualTo("42\n");
        assertThat(process.waitFor()).isEqualTo(3);
    }

    private static List<String> commandLine(String name, String... more) {
        List<String> words = new ArrayList<>(List.of(Launch.launcher()));
        words.addAll(List.of(command(name, more)));
        return words;
    }

    /** Starts the command on a terminal of its own, by script(1). */
    private Process onTerminal(List<String> words) throws IOException {
        String line = "stty rows 30 cols 100; tty >terminal; " + String.join(" ", words) + "; echo $? >status";
        return new ProcessBuilder("script", "--quiet", "--return", "--command", line, "/dev/null")
                .directory(directory.toFile())
                .redirectOutput(directory.resolve("stdout").toFile())
                .redirectError(directory.resolve("stderr").toFile())
                .start();
    }

    private String shown() throws IOException {
        return Files.readString(directory.resolve("stdout"), StandardCharsets.ISO_8859_1);
    }

    private void awaitShown(Process process, String text) throws IOException {
        await().atMost(Duration.ofSeconds(60)).until(() -> shown().indexOf(text, answered) >= 0 || !process.isAlive());
        assertThat(shown().substring(answered)).contains(text);
        answered = shown().indexOf(text, answered) + text.length();
    }

    private static void type(Process process, String keys) throws IOException {
        process.getOutputStream().write(keys.getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
    }

    @Test
    void shell_onATerminal_hasItsSizeItsKeysAndAnEditor() throws Exception {
        Process process = onTerminal(commandLine("shell"));
        awaitShown(process, "# ");
        type(process, "tty; stty size\r");
        awaitShown(process, "/dev/pts/");
        awaitShown(process, "30 100");
        String terminal = Files.readString(directory.resolve("terminal")).strip();
        assertThat(new ProcessBuilder("stty", "-F", terminal, "rows", "50", "cols", "120")
                        .start()
                        .waitFor())
                .isZero();
        type(process, "until stty size | grep '^50 120'; do sleep 0.1; done\r");
        awaitShown(process, "\n50 120");
        type(process, "echo ru''nning; sleep 600\r");
        awaitShown(process, "running");
        type(process, "\3");
        awaitShown(process, "# ");
        type(process, "vi /tmp/x\r");
        awaitShown(process, "~");
        type(process, "ihello world");
        awaitShown(process, "world");
        type(process, "\33");
        TimeUnit.MILLISECONDS.sleep(700); // an escape that something follows at once is another key
        type(process, ":wq\r");
        awaitShown(process, "# ");
        type(process, "cat /tmp/x; sleep 600 & jobs; kill %1; exit 7\r");
        awaitShown(process, "hello world");
        awaitShown(process, "Running");
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(directory.resolve("status")).hasContent("7");
    }

    @Test
    void shell_thatDoesNotAnswer_isLeftByThreeKeys() throws Exception {
        Process process = onTerminal(commandLine("shell"));
        awaitShown(process, "# ");
        type(process, "trap '' INT; stty -isig; sleep 600\r");
        awaitShown(process, "sleep 600");
        type(process, "\35\35\35");
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(directory.resolve("status")).hasContent("130");
    }

    private Launch sandbox(String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of("sandbox"));
        all.addAll(List.of(words));
        all.add(2, "--scratch=" + scratch.resolve("s"));
        return Launch.of(directory, all.toArray(String[]::new));
    }

    @Test
    void sandbox_withAName_staysBetweenCommands() throws Exception {
        Launch opened = Launch.of(directory, openWords("work"));
        assertThat(opened.status()).as(opened.err()).isZero();
        assertThat(sandbox("ls").out()).contains("work", "tiny");
        Launch again = Launch.of(directory, openWords("work"));
        assertThat(again.status()).isEqualTo(125);
        assertThat(again.err()).contains("is open already");
        Path tree = Files.createDirectories(directory.resolve("tree/below"));
        Files.writeString(tree.resolve("file"), "content");
        assertThat(sandbox("cp", directory.resolve("tree").toString(), "work:/work")
                        .status())
                .isZero();
        Launch run =
                sandbox("exec", "-w", "/work", "-e", "A=b", "work", "sh", "-c", "cat below/file; echo $A >&2; exit 7");
        assertThat(run.status()).isEqualTo(7);
        assertThat(run.out()).isEqualTo("content");
        assertThat(run.err()).isEqualTo("b\n");
        assertThat(sandbox("exec", "work", "no-such-program").status()).isEqualTo(127);
        assertThat(sandbox("cp", "work:/work/below", directory.resolve("out").toString())
                        .status())
                .isZero();
        assertThat(directory.resolve("out/file")).hasContent("content");
        assertThat(sandbox("cp", "work:/nowhere", directory.resolve("out").toString())
                        .err())
                .contains("could not copy /nowhere");
        assertThat(sandbox("close", "work").status()).isZero();
        assertThat(sandbox("ls").out()).isEmpty();
        Launch late = sandbox("exec", "work", "true");
        assertThat(late.status()).isEqualTo(125);
        assertThat(late.err()).contains("there is no sandbox work");
    }

    private void openNamed(String name, String... more) throws Exception {
        Launch opened = Launch.of(directory, openWords(name, more));
        assertThat(opened.status()).as(opened.err()).isZero();
    }

    @Test
    void sandbox_streamsAndCopies_areThoseOfTheHost() throws Exception {
        openNamed("streams");
        for (int i = 0; i < 10; i++) {
            Launch quick = sandbox("exec", "streams", "echo", "@/etc/hostname");
            assertThat(quick.status()).as(quick.err()).isZero();
            assertThat(quick.out()).isEqualTo("@/etc/hostname\n");
        }
        assertThat(sandbox("exec", "-e", "=x", "streams", "true").err()).contains("no name of a variable");
        String exec = Launch.launcher() + " sandbox exec --scratch=" + scratch.resolve("s") + " ";
        assertThat(shell("{ " + exec + "streams yes; echo $? >status; } | head -n 1"))
                .isEqualTo("y\n");
        assertThat(directory.resolve("status")).hasContent("141");
        String closes = "'cat; exec 0<&- 1>&- 2>&-; sleep 1; exit 7'";
        assertThat(shell("printf 'a\\n' | " + exec + "-it streams sh -c " + closes + "; echo $?"))
                .endsWith("a\r\n7\n");
        interrupted(
                "sandbox", "exec", "--scratch=" + scratch.resolve("s"), "streams", "sh", "-c", "echo up; sleep 600");
        Path file = Files.writeString(directory.resolve("a"), "round");
        assertThat(sandbox("cp", file.toString(), "streams:/tmp").status()).isZero();
        assertThat(sandbox("cp", "streams:/tmp/a", file.toString()).status()).isZero();
        assertThat(file).hasContent("round");
        assertThat(sandbox("cp", "streams:/proc/version", directory + "/new/").status())
                .isZero();
        assertThat(directory.resolve("new/version")).content().startsWith("Linux version");
        assertThat(sandbox("close", "streams").status()).isZero();
    }

    private String shell(String script) throws Exception {
        Process process = new ProcessBuilder("sh", "-c", script)
                .directory(directory.toFile())
                .redirectError(directory.resolve("stderr").toFile())
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    /** Starts a command that says that it is up, and sends a signal then. */
    private void interrupted(String... words) throws Exception {
        Process process = Launch.start(directory, words);
        await().atMost(Duration.ofSeconds(60)).until(() -> shown().contains("up") || !process.isAlive());
        process.destroy();
        Launch ended = Launch.end(process, directory);
        assertThat(ended.status()).as(ended.err()).isEqualTo(130);
        assertThat(ended.err()).contains("construir: cancelled");
    }

    @Test
    void exec_afterASignal_isCancelled() throws Exception {
        interrupted(command("exec", "--", "sh", "-c", "echo up; sleep 600"));
    }

    @Test
    void sandbox_afterALimit_endsItsCommandsWith124() throws Exception {
        openNamed("limited", "--timeout=15s");
        Launch late = sandbox("exec", "limited", "sleep", "600");
        assertThat(late.status()).as(late.err()).isEqualTo(124);
        assertThat(late.err()).containsOnlyOnce("lost").contains("total");
        await().atMost(Duration.ofSeconds(60)).until(() -> sandbox("ls").out().contains("ended: its machine ended: "));
        assertThat(sandbox("close", "limited").status()).isZero();
        assertThat(sandbox("ls").out()).isEmpty();
    }

    @Test
    void sandbox_thatNobodyUses_endsAndSaysWhy() throws Exception {
        assertThat(Launch.of(directory, openWords("idle", "--idle-timeout=2s")).status())
                .isZero();
        assertThat(sandbox("exec", "idle", "sleep", "6").status())
                .as("it is used")
                .isZero();
        await().atMost(Duration.ofSeconds(60)).until(() -> sandbox("ls").out().contains("ended: its machine ended: "));
        Launch late = sandbox("exec", "idle", "true");
        assertThat(late.status()).isEqualTo(125);
        assertThat(late.err()).contains("the sandbox idle ended: its machine ended: ", "idle");
        Launch closed = sandbox("close", "idle");
        assertThat(closed.status()).as(closed.err()).isZero();
        assertThat(closed.err()).contains("the sandbox idle ended: ");
        assertThat(sandbox("ls").out()).isEmpty();
    }

    @Test
    void sandbox_openedTwiceAtOnce_isOpenOnce() throws Exception {
        Path one = Files.createDirectory(directory.resolve("one"));
        Path other = Files.createDirectory(directory.resolve("other"));
        Process first = Launch.start(one, openWords("twice"));
        Process second = Launch.start(other, openWords("twice"));
        List<Launch> ends = List.of(Launch.end(first, one), Launch.end(second, other));
        assertThat(ends).extracting(Launch::status).containsExactlyInAnyOrder(0, 125);
        assertThat(ends)
                .filteredOn(end -> end.status() == 125)
                .extracting(Launch::err)
                .allMatch(said -> said.contains("is being opened") || said.contains("is open already"));
        assertThat(sandbox("ls").out().lines()).singleElement().asString().contains("twice", "tiny");
        assertThat(sandbox("close", "twice").status()).isZero();
    }

    @Test
    void sandbox_thatCannotBeOpened_saysWhy() throws Exception {
        Launch failed = Launch.of(directory, openWords("none", "--hypervisor=no-such"));
        assertThat(failed.status()).isEqualTo(125);
        assertThat(failed.err()).contains("construir: the sandbox none could not be opened:\nconstruir: ", "no-such");
        assertThat(sandbox("ls").out()).isEmpty();
    }

    @Test
    void sandbox_whoseOpeningIsInterrupted_isGone() throws Exception {
        Process process = Launch.start(directory, openWords("late", "--no-warm"));
        awaitMachine();
        assertThat(new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
        assertThat(Launch.end(process, directory).status()).isEqualTo(130);
        assertThat(Launch.processesNaming(scratch.toString())).isEmpty();
        assertThat(sandbox("ls").out()).isEmpty();
    }

    @Test
    void sandbox_whoseOpenerIsKilled_isGone() throws Exception {
        Process process = Launch.start(directory, openWords("late", "--no-warm"));
        awaitMachine();
        process.destroyForcibly();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Launch.processesNaming(scratch.toString()).isEmpty());
        assertThat(sandbox("ls").out()).isEmpty();
    }

    private static void awaitMachine() {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> Launch.processesNaming(scratch.toString()).stream()
                        .anyMatch(line -> line.contains("qemu-system")));
    }

    private static String[] openWords(String name, String... more) {
        List<String> words = new ArrayList<>(List.of("sandbox", "open"));
        words.addAll(options());
        words.addAll(List.of(more));
        words.addAll(List.of("--", name));
        return words.toArray(String[]::new);
    }

    @Test
    void shellOnFailure_isInTheMachineOfTheJob() throws Exception {
        Process process =
                onTerminal(commandLine("run", "--shell-on-failure", "--script", "'echo bad > out.txt; exit 5'"));
        awaitShown(process, "the job failed");
        awaitShown(process, "# ");
        type(process, "cat /job/out.txt /job/construir.status; exit 9\r");
        awaitShown(process, "bad");
        awaitShown(process, "exit=5");
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(directory.resolve("status")).hasContent("5");
        assertThat(shown()).doesNotContain("console:");
    }

    @Test
    void shellOnFailure_ofAJobThatSucceeds_opensNone() throws Exception {
        Process process = onTerminal(commandLine("run", "--shell-on-failure", "--script", "true"));
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(directory.resolve("status")).hasContent("0");
        assertThat(shown()).doesNotContain("the job failed");
    }
}
