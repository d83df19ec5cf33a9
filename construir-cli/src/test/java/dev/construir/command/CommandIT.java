package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.testing.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as people start it, with real machines of the tiny image. */
@Timeout(180)
@SuppressWarnings("NullAway.Init")
class CommandIT {
    private static Path tiny;

    @TempDir
    Path directory;

    @BeforeAll
    static void findWhatIsNeeded() {
        tiny = TestImages.find("tiny");
        if (!Files.isExecutable(Path.of("/usr/bin/qemu-system-x86_64"))) {
            throw new IllegalStateException("QEMU is missing; install it by: src-test-images/setup tools");
        }
    }

    @AfterEach
    void nothingIsLeftBehind() throws Exception {
        assertThat(Launch.processesNaming(scratch().toString())).isEmpty();
        assertThat(leftovers()).isEmpty();
    }

    private Path scratch() {
        return directory.resolve("scratch");
    }

    private List<Path> leftovers() throws IOException {
        if (!Files.exists(scratch())) {
            return List.of();
        }
        try (var all = Files.walk(scratch())) {
            return all.filter(file ->
                            file.toString().endsWith(".img") || file.toString().endsWith(".sock"))
                    .toList();
        }
    }

    private Path job(String shell) throws IOException {
        Path job = directory.resolve("job");
        Path script = Files.createDirectories(job.resolve("bin")).resolve("construir");
        Files.writeString(script, "#!/bin/sh\n" + shell + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return job;
    }

    private String[] run(Path job, String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                "run", "--root", tiny.toString(), "--scratch", scratch().toString(), "--memory=128M", "--disk=16M"));
        arguments.addAll(List.of(options));
        arguments.add(job.toString());
        return arguments.toArray(String[]::new);
    }

    private Process startAndAwaitOutput(Path job, String... options) throws Exception {
        Process process = Launch.start(directory, run(job, options));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> Files.readString(directory.resolve("stdout")).contains("started"));
        return process;
    }

    private static void signal(String name, long to) throws Exception {
        String command = "kill -" + name + " " + to; // the shell's own
        assertThat(new ProcessBuilder("sh", "-c", command).start().waitFor()).isZero();
    }

    @Test
    void stdoutHasTheJobsBytesAndNothingElse() throws Exception {
        Launch launch = Launch.of(directory, run(job("printf 'out\\033[2J\\000\\377'; echo err >&2; exit 42")));
        assertThat(launch.status()).as(launch.err()).isEqualTo(42);
        assertThat(launch.out()).isEqualTo("out\u001b[2J\0\u00fferr\n");
        assertThat(launch.err().lines())
                .allMatch(line -> line.startsWith("construir: "))
                .anyMatch(line -> line.startsWith("construir: booting tiny on qemu "))
                .anyMatch(line -> line.startsWith("construir: job exited with status 42 ("));
    }

    /** By script(1), which has a terminal of its own, and is part of every Debian. */
    @Test
    void aTerminalGetsNoControlSequencesOfOthers() throws Exception {
        Path disk = directory.resolve("job.img");
        Files.writeString(job("").resolve("bin/hostile"), "before\033]0;title\007\033[2Jafter\n");
        assertThat(Launch.of(directory, "pack", directory.resolve("job").toString(), "-o", disk.toString())
                        .status())
                .isZero();
        ProcessBuilder builder = new ProcessBuilder(
                        "script",
                        "--quiet",
                        "--return",
                        "--command",
                        "\"$LAUNCHER\" cat \"$DISK\" bin/hostile",
                        "/dev/null")
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true);
        builder.environment().put("LAUNCHER", Launch.launcher());
        builder.environment().put("DISK", disk.toString());
        Process process = builder.start();
        String seen = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(seen).isZero();
        assertThat(seen).contains("beforeafter").doesNotContain("\033]0;", "\033[2J");
    }

    @Test
    void deliversFilesAndAnImageThatRunsAgain() throws Exception {
        Path out = directory.resolve("out");
        Path kept = directory.resolve("kept.img.xz");
        Launch first = Launch.of(
                directory,
                run(
                        job("echo made >> made.txt; wc -l < made.txt"),
                        "--out",
                        out.toString(),
                        "--keep",
                        kept.toString()));
        assertThat(first.status()).as(first.err()).isZero();
        assertThat(first.out()).isEqualTo("1\n");
        assertThat(out.resolve("made.txt")).hasContent("made");
        assertThat(out.resolve("construir.log")).hasContent("1");
        assertThat(out.resolve("bin")).doesNotExist(); // as it was

        Launch cat = Launch.of(directory, "cat", kept.toString(), "made.txt");
        assertThat(cat.status()).as(cat.err()).isZero();
        assertThat(cat.out()).isEqualTo("made\n");

        Launch again = Launch.of(directory, run(kept));
        assertThat(again.status()).as(again.err()).isZero();
        assertThat(again.out()).isEqualTo("2\n");
    }

    @Test
    void readsAWholeDiskWithoutAMachine() throws Exception {
        String disk = TestImages.find("disk-systemd").toString();
        Launch list = Launch.of(directory, "ls", "--partitions", disk);
        assertThat(list.status()).as(list.err()).isZero();
        assertThat(list.out()).containsPattern("\n +1 +1048576 +\\d+M  ext4 +Linux\n");
        Launch cat = Launch.of(directory, "cat", disk, "usr/lib/os-release");
        assertThat(cat.status()).as(cat.err()).isZero();
        assertThat(cat.out()).contains("VERSION_CODENAME=bookworm");
    }

    @Test
    void aSignalInsideIs128AndItsNumber() throws Exception {
        assertThat(Launch.of(directory, run(job("kill -9 $$"))).status()).isEqualTo(137);
    }

    @Test
    void aLimitIs124() throws Exception {
        Launch launch = Launch.of(directory, run(job("sleep 600"), "--idle-timeout", "500ms"));
        assertThat(launch.status()).as(launch.err()).isEqualTo(124);
        assertThat(launch.err()).contains("timed out: the idle limit of 500ms was reached");
    }

    @Test
    void whatCannotBeExecutedIs126() throws Exception {
        Path job = job("echo never");
        Files.setPosixFilePermissions(job.resolve("bin/construir"), PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(Launch.of(directory, run(job)).status()).isEqualTo(126);
    }

    @Test
    void whatIsNotThereIs127() throws Exception {
        assertThat(Launch.of(directory, run(Files.createDirectories(directory.resolve("empty"))))
                        .status())
                .isEqualTo(127);
    }

    @Test
    void whatCannotBeRunIs125() throws Exception {
        Launch launch = Launch.of(directory, "run", "--root", directory.toString(), job("").toString());
        assertThat(launch.status()).isEqualTo(125);
        assertThat(launch.out()).isEmpty();
        assertThat(launch.err()).contains("no root image in").doesNotContain("\tat ");
    }

    @Test
    void oddNamesWorkInAnyLocale() throws Exception {
        Path odd = Files.createDirectories(
                directory.resolve("-a, \"b'=%41\tc\nd\u00e9").resolve("x".repeat(120)));
        Path image = Files.createDirectories(odd.resolve("root, =%\u00e9"));
        try (var files = Files.list(tiny)) {
            for (Path file : files.toList()) {
                Files.createSymbolicLink(image.resolve(file.getFileName()), file.toRealPath());
            }
        }
        Path moved = Files.move(job("echo works; echo made > made.txt"), odd.resolve("-job,\u00e9"));
        Path scratch = odd.resolve("scratch,=");
        Path out = odd.resolve("out, \u00e9");
        String[] words = {
            "run",
            "--root",
            image.toString(),
            "--scratch",
            scratch.toString(),
            "--memory=128M",
            "--disk=16M",
            "--out",
            out.toString(),
            "--keep",
            odd.resolve("keep\u00e9,%.img").toString(),
            "--console",
            odd.resolve("console,\u00e9").toString(),
            moved.toString()
        };
        Launch launch = Launch.in(directory, Map.of("LC_ALL", "C"), words);
        assertThat(launch.status()).as(launch.err()).isZero();
        assertThat(launch.out()).isEqualTo("works\n");
        assertThat(launch.err().lines()).allMatch(line -> line.startsWith("construir: "));
        assertThat(out.resolve("made.txt")).hasContent("made");
        assertThat(odd.resolve("keep\u00e9,%.img")).isNotEmptyFile();
        assertThat(odd.resolve("console,\u00e9")).isNotEmptyFile();
        try (var left = Files.walk(scratch)) {
            assertThat(left.filter(
                            f -> f.toString().endsWith(".img") || f.toString().endsWith(".sock")))
                    .isEmpty();
        }
    }

    @Test
    void fewFileDescriptorsAreToldAndLeaveNothing() throws Exception {
        Launch launch = Launch.by(directory, List.of("prlimit", "--nofile=63"), Map.of(), run(job("echo never")));
        assertThat(launch.status()).as(launch.err()).isEqualTo(125);
        assertThat(launch.out()).isEmpty();
        assertThat(launch.err())
                .startsWith(
                        "construir: this user may have no more than 63 files open (ulimit -Hn), and construir needs 64")
                .hasLineCount(1);
    }

    @Test
    void asManyFileDescriptorsAsItAsksForAreEnough() throws Exception {
        Launch launch = Launch.by(directory, List.of("prlimit", "--nofile=16:64"), Map.of(), run(job("echo enough")));
        assertThat(launch.status()).as(launch.err()).isZero();
        assertThat(launch.out()).isEqualTo("enough\n");
    }

    /**
     * On the way from Java's own threads to those of QEMU the limit is met in other places; which ones is a matter of
     * Java.
     */
    @ParameterizedTest
    @ValueSource(ints = {16, 22})
    void fewProcessesAreToldAndLeaveNothing(int most) throws Exception {
        Launch launch = Launch.by(directory, Unprivileged.withTasks(most), Map.of(), run(job("echo never")));
        assertThat(launch.status()).as(launch.err()).isEqualTo(125);
        assertThat(launch.out()).isEmpty();
        assertThat(launch.err()).contains("ulimit -u").doesNotContain("Exception", "Error", "\tat ");
        assertThat(launch.err().lines()).allMatch(line -> line.startsWith("construir: "));
    }

    /** By a shell, which closes what Java cannot; the status goes where nothing is closed. */
    private int closing(String redirections, String... words) throws Exception {
        Path status = directory.resolve("status");
        String[] command = {"sh", "-c", "status=$1; shift; \"$@\" " + redirections + "; echo $? >\"$status\"", "sh"};
        List<String> all = new ArrayList<>(List.of(command));
        all.add(status.toString());
        all.add(Launch.launcher());
        all.addAll(List.of(words));
        Process process = new ProcessBuilder(all)
                .redirectOutput(directory.resolve("stdout").toFile())
                .redirectError(directory.resolve("stderr").toFile())
                .start();
        assertThat(Launch.end(process, directory).status()).isZero();
        return Integer.parseInt(Files.readString(status).strip());
    }

    @Test
    void aFullStdoutIsAFailureAndTheResultsAreDelivered() throws Exception {
        Path out = directory.resolve("out");
        Path job = job("echo lost; echo made > made.txt");
        assertThat(closing(">/dev/full", run(job, "--out", out.toString()))).isEqualTo(125);
        assertThat(Files.readString(directory.resolve("stderr")))
                .contains("stdout could not be written: No space left on device", "job exited with status 0")
                .doesNotContain("Exception");
        assertThat(out.resolve("made.txt")).hasContent("made");
        assertThat(out.resolve("construir.log")).hasContent("lost");
    }

    @Test
    void closedStreamsDoNotHideTheJobsOwnCode() throws Exception {
        Path out = directory.resolve("out");
        Path job = job("echo lost; echo made > made.txt; exit 7");
        assertThat(closing("<&- >&- 2>&-", run(job, "--out", out.toString()))).isEqualTo(7);
        assertThat(out.resolve("made.txt")).hasContent("made");
        assertThat(out.resolve("construir.log")).hasContent("lost");
    }

    @Test
    void withoutAMachineClosedStreamsAreFailuresToo() throws Exception {
        Path disk = directory.resolve("job.img");
        Path job = job("");
        assertThat(closing("2>&-", "pack", job.toString(), "-o", disk.toString()))
                .isZero();
        assertThat(closing(">&-", "ls", disk.toString())).isEqualTo(125);
        assertThat(Files.readString(directory.resolve("stderr")))
                .contains("construir: stdout could not be written: ")
                .doesNotContain("Exception");
        assertThat(closing("2>/dev/full", "ls", directory.resolve("none").toString()))
                .isEqualTo(125);
        assertThat(closing(">&- 2>&-", "ls", disk.toString())).isEqualTo(125);
    }

    /** Where stderr is a pipe, as for every CI service: that says nothing of stdout. */
    @ParameterizedTest
    @ValueSource(strings = {"ls $IMG", "cat $IMG bin/construir", "--version", "help run"})
    void aFullStdoutIsNoneWhoseReaderHasGone(String command) throws Exception {
        Path disk = directory.resolve("job.img");
        assertThat(closing("2>&-", "pack", job("").toString(), "-o", disk.toString()))
                .isZero();
        ProcessBuilder builder =
                new ProcessBuilder("sh", "-c", "exec \"$0\" " + command + " >/dev/full", Launch.launcher());
        builder.environment().put("IMG", disk.toString());
        Process process = builder.start();
        assertThat(process.inputReader().readLine()).isNull();
        assertThat(process.errorReader().lines())
                .containsExactly("construir: stdout could not be written: No space left on device");
        assertThat(process.waitFor()).isEqualTo(125);
    }

    @Test
    void doctorHereTellsWhatWorksAndTheCureOfWhatDoesNot() throws Exception {
        Launch launch = Launch.of(directory, "doctor");
        assertThat(launch.status()).as(launch.err()).isZero();
        assertThat(launch.out())
                .contains("works    program: /", "works    accelerator tcg")
                .endsWith("Machines can be run here.\n");
        List<String> lines = launch.out().lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).matches("  (limited|missing) .*")) {
                assertThat(lines.get(i + 1)).startsWith("           -> ");
            }
        }
    }

    @Test
    void doctorOnAHostWithoutQemuTellsTheCure() throws Exception {
        Path bin = Files.createDirectory(directory.resolve("bin"));
        for (String name : new String[] {"sh", "find", "readlink", "env", "java", "id", "setpriv"}) {
            Files.createSymbolicLink(bin.resolve(name), inPath(name));
        }
        Launch launch = Launch.in(directory, Map.of("PATH", bin.toString()), "doctor");
        assertThat(launch.status()).as(launch.err()).isEqualTo(125);
        assertThat(launch.out())
                .contains("missing  program: QEMU for x86_64 guests was not found")
                .contains("-> apt-get install qemu-system-x86")
                .doesNotContain(bin.toString())
                .endsWith("No machine can be run here.\n");
    }

    private static Path inPath(String name) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(entry -> Path.of(entry, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"TERM, image shell TINY", "INT, image shell TINY"})
    void aSignalEndsOtherCommandsWithMachinesAsWell(String signal, String words) throws Exception {
        Process process =
                Launch.start(directory, words.replace("TINY", tiny.toString()).split(" "));
        try {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> process.descendants().anyMatch(CommandIT::isQemu));
            List<ProcessHandle> all = process.descendants().toList();
            signal(signal, process.pid());
            Launch launch = Launch.end(process, directory);
            assertThat(launch.status()).as(launch.err()).isEqualTo(130);
            assertThat(launch.err()).endsWith("construir: cancelled\n");
            assertThat(all).noneMatch(ProcessHandle::isAlive);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static boolean isQemu(ProcessHandle process) {
        return process.info()
                .command()
                .filter(name -> name.contains("qemu-system"))
                .isPresent();
    }

    @Test
    void theFirstWarmStartSaysWhatItPrepares() throws Exception {
        Launch launch = Launch.of(directory, run(job("exit 0"), "--warm"));
        assertThat(launch.status()).as(launch.err()).isZero();
        assertThat(launch.err())
                .contains(
                        "construir: preparing warm starts, once: booting ",
                        "construir: preparing warm starts, once: saving ")
                .contains("resumed from memory");
        launch = Launch.of(directory, run(job("exit 0"), "--warm"));
        assertThat(launch.err()).contains("resumed from memory").doesNotContain("once: booting");
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "HUP"})
    void aSignalEndsTheMachineAndDeliversWhatIsThere(String signal) throws Exception {
        Path out = directory.resolve("out");
        Path kept = directory.resolve("kept.img");
        Path console = directory.resolve("console");
        Path failure = directory.resolve("failure");
        String[] options = {"--out=" + out, "--keep=" + kept, "--console=" + console, "--keep-on-failure=" + failure};
        Process process = startAndAwaitOutput(job("echo made >made.txt; sync; echo started; sleep 600"), options);
        signal(signal, process.pid());
        Launch launch = Launch.end(process, directory);
        assertThat(launch.status()).as(launch.err()).isEqualTo(130);
        assertThat(launch.err()).contains("construir: job cancelled (", "in its last half minute and did not sync");
        assertThat(out.resolve("made.txt")).hasContent("made");
        assertThat(failure.resolve("disk-after.img")).hasSameBinaryContentAs(kept);
        assertThat(console).content().contains("construir: started ");
        assertThat(Launch.processesNaming(directory.toString())).isEmpty();
    }

    /** timeout(1) signals the command and then its group, so that Java and the command are signalled twice. */
    @Test
    void theSignalsOfTimeoutAreOne() throws Exception {
        Path out = directory.resolve("out");
        List<String> command = List.of("setsid", "--wait", "timeout", "--preserve-status", "20");
        Launch launch = Launch.by(
                directory, command, Map.of(), run(job("echo made >made.txt; sync; sleep 600"), "--out=" + out));
        assertThat(launch.status()).as(launch.err()).isEqualTo(130);
        assertThat(launch.err()).doesNotContain("second signal");
        assertThat(out.resolve("made.txt")).hasContent("made");
    }

    @Test
    void aSecondSignalEndsTheDelivery() throws Exception {
        Path kept = directory.resolve("kept.img.xz");
        String noise = "dd if=/dev/urandom of=noise bs=1M count=12; sync; echo started; sleep 600";
        Process process = startAndAwaitOutput(job(noise), "--keep=" + kept);
        signal("TERM", process.pid());
        await().atMost(Duration.ofSeconds(60))
                .until(() -> Files.readString(directory.resolve("stderr")).contains("job cancelled"));
        // Signals in quick succession count as one.
        await().pollDelay(Duration.ofMillis(500)).until(process::isAlive);
        signal("TERM", process.pid());
        Launch launch = Launch.end(process, directory);
        assertThat(launch.status()).as(launch.err()).isEqualTo(130);
        assertThat(launch.err())
                .contains("the disk could not be brought to " + kept + ": stopped by a second signal")
                .endsWith("construir: cancelled\n");
        try (var files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.contains("kept"));
        }
    }

    @Test
    void aReaderThatGoesAwayDoesNotEndTheJob() throws Exception {
        Path out = directory.resolve("out");
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", "out=$1; shift; { \"$@\"; echo $? >\"$out\"; } | head -n 1", "sh"));
        command.add(directory.resolve("status").toString());
        command.add(Launch.launcher());
        command.addAll(List.of(run(job("yes | head -n 100000; echo end > end.txt; exit 7"), "--out", out.toString())));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(false)
                .redirectError(directory.resolve("stderr").toFile())
                .start();
        assertThat(new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("y\n");
        assertThat(process.waitFor()).isZero();
        assertThat(directory.resolve("status")).hasContent("7");
        assertThat(out.resolve("end.txt")).hasContent("end");
    }
}
