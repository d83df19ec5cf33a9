package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.testing.TestImages;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code construir image shell} as people and scripts start it, with real machines of the tiny image. */
@Timeout(180)
@SuppressWarnings("NullAway.Init")
class ImageShellIT {
    @TempDir
    Path directory;

    private Process process;
    private int answered;

    @AfterEach
    void nothingIsLeftBehind() throws Exception {
        process.destroyForcibly().waitFor();
        assertThat(Launch.processesNaming(directory.resolve("scratch").toString()))
                .isEmpty();
        try (Stream<Path> files = Files.walk(directory)) {
            assertThat(files.map(Path::toString)).noneMatch(name -> name.contains(".part-") || name.endsWith(".sock"));
        }
    }

    @Test
    void keepsWhatAScriptTypedAndLeavesTheBaseAsItWas() throws Exception {
        Path tiny = TestImages.find("tiny");
        Path made = directory.resolve("made");
        Map<String, String> before = digests(tiny);
        start(List.of(Launch.launcher()), tiny, "--commit", made.toString());
        logIn();
        answer("# ", "echo $((6 * 7)) > kept; rm /etc/hosts");
        answer("# ", "poweroff");
        process.getOutputStream().close();
        Launch launch = Launch.end(process, directory);
        assertThat(launch.status()).as(launch.err()).isZero();
        assertThat(launch.err())
                .endsWith("construir: the guest powered off\nconstruir: the new image is " + made + "\n");
        assertThat(digests(tiny)).isEqualTo(before);
        Map<String, String> after = digests(made);
        before.keySet().removeIf(file -> file.endsWith(".sha256")); // notes on files, which no other files are
        assertThat(after.keySet()).isEqualTo(before.keySet());
        assertThat(after.get("root.img")).isNotEqualTo(before.get("root.img"));
        before.remove("root.img");
        assertThat(after).containsAllEntriesOf(before);
        String disk = made.resolve("root.img").toString();
        assertThat(run("/sbin/debugfs", "-R", "cat /root/kept", disk)).endsWith("42\n");
        assertThat(run("/sbin/debugfs", "-R", "ls /etc", disk)).doesNotContain("hosts");
        assertThat(run("/sbin/e2fsck", "-fn", disk))
                .contains("construir-root: ")
                .doesNotContainIgnoringCase("fix");
    }

    /** By script(1), which has a terminal of its own, and is part of every Debian. */
    @Test
    void ctrlCGoesToTheGuestAndASignalGivesTheTerminalItsModesBack() throws Exception {
        String shell = "stty -a >before; \"$@\"; echo $? >status; stty -a >after";
        String quoted = "sh -c '" + shell + "' sh \"$LAUNCHER\" $ARGUMENTS";
        start(List.of("script", "--quiet", "--return", "--command", quoted, "/dev/null"), TestImages.find("tiny"));
        logIn();
        answer("# ", "echo ru''nning; sleep 600");
        answer("running", "\3"); // not before: while a shell edits a line, it is a key like any other
        answer("# ", "echo $((6 * 7))");
        answer("42", "");
        ProcessHandle command = process.descendants()
                .filter(p -> p.info().command().orElse("").endsWith("/java"))
                .findFirst()
                .orElseThrow();
        assertThat(command.destroy()).isTrue();
        Launch launch = Launch.end(process, directory);
        assertThat(launch.out()).contains("Ctrl-] leaves and kills the machine").contains("construir: cancelled");
        assertThat(directory.resolve("status")).hasContent("130");
        assertThat(directory.resolve("after")).hasSameTextualContentAs(directory.resolve("before"));
        assertThat(directory.resolve("before")).content().contains(" echo ", " icanon ");
    }

    private void start(List<String> command, Path image, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "image",
                "shell",
                image.toString(),
                "--memory=128M",
                "--accelerator=never",
                "--scratch=" + directory.resolve("scratch")));
        arguments.addAll(List.of(options));
        List<String> words = new ArrayList<>(command);
        boolean direct = command.contains(Launch.launcher());
        if (direct) {
            words.addAll(arguments);
        }
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(directory.toFile())
                .redirectOutput(directory.resolve("stdout").toFile())
                .redirectError(directory.resolve("stderr").toFile());
        builder.environment().put("LAUNCHER", Launch.launcher());
        builder.environment().put("ARGUMENTS", String.join(" ", arguments));
        process = builder.start();
    }

    private void logIn() throws Exception {
        answer("login: ", "root");
        answer("assword: ", "root");
    }

    /** Types a line when the console has asked for it. */
    private void answer(String prompt, String line) throws Exception {
        await().atMost(Duration.ofSeconds(90))
                .until(() -> console().indexOf(prompt, answered) >= 0 || !process.isAlive());
        assertThat(console().substring(answered)).contains(prompt);
        answered = console().indexOf(prompt, answered) + prompt.length();
        if (!line.isEmpty()) {
            OutputStream keys = process.getOutputStream();
            keys.write((line + "\r").getBytes(StandardCharsets.US_ASCII));
            keys.flush();
        }
    }

    private String console() throws IOException {
        return Files.readString(directory.resolve("stdout"), StandardCharsets.ISO_8859_1);
    }

    private static Map<String, String> digests(Path image) throws Exception {
        Map<String, String> digests = new TreeMap<>();
        try (Stream<Path> files = Files.list(image)) {
            for (Path file : files.toList()) {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
                digests.put(file.getFileName().toString(), HexFormat.of().formatHex(digest));
            }
        }
        return digests;
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s says: %s", List.of(command), said).isZero();
        return said;
    }
}
