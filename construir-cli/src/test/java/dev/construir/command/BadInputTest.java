package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.HypervisorProvider;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Terminal;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot work is told before a machine starts, in a line, and the exit code is 125. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class BadInputTest {
    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();
    private final List<String> started = new ArrayList<>();
    private Path job;
    private Path root;

    @BeforeEach
    void makeJobAndRoot() throws Exception {
        job = directory.resolve("job");
        Files.writeString(Files.createDirectories(job.resolve("bin")).resolve("construir"), "#!/bin/sh\n");
        assertThat(job.resolve("bin/construir").toFile().setExecutable(true)).isTrue();
        root = BareDisk.write(directory.resolve("root.img"));
    }

    @AfterEach
    void nothingIsLeftBehind() throws Exception {
        if (Files.isDirectory(directory.resolve("scratch"))) {
            try (var files = Files.walk(directory.resolve("scratch"))) {
                assertThat(files.filter(Files::isRegularFile)).isEmpty();
            }
        }
    }

    private final class Fake implements HypervisorProvider {
        @Override
        public String name() {
            return "fake";
        }

        @Override
        public Hypervisor create(Optional<URI> where, Path scratch) {
            started.add("fake");
            return new FakeHypervisor(FakeGuest.exiting(0));
        }
    }

    private int run(String... words) {
        Environment surroundings = Environment.of(
                Map.of("CONSTRUIR_CACHE", directory.resolve("cache").toString()), Optional.empty());
        Backends backends = new Backends(List.of(new Fake()));
        List<String> all = new ArrayList<>(List.of("run", "--hypervisor", "fake", "--disk", "2M"));
        if (!List.of(words).contains("--root")) {
            all.addAll(List.of("--root", root.toString()));
        }
        if (!List.of(words).contains("--scratch")) {
            all.addAll(List.of("--scratch", directory.resolve("scratch").toString()));
        }
        all.addAll(List.of(words));
        return Main.execute(
                terminal.streams(), surroundings, backends, RunnerSource.on(backends), all.toArray(String[]::new));
    }

    private void assertRefused(int code, String... said) {
        assertThat(code).as(terminal.err()).isEqualTo(125);
        assertThat(terminal.err().lines()).allMatch(line -> line.startsWith("construir: "));
        assertThat(terminal.err()).contains(said).doesNotContain("Exception", "\tat ", "\u001b");
        assertThat(terminal.out()).isEmpty();
    }

    private void assertRefusedBeforeAnythingIsMade(int code, String... said) {
        assertRefused(code, said);
        assertThat(started).isEmpty();
        terminal.err.reset();
    }

    @Test
    void targetsThatCannotBeWritten() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("nowhere"));
        String to = job.toString();
        assertRefusedBeforeAnythingIsMade(run("--out", file.toString(), to), "--out " + file, "no directory");
        assertRefusedBeforeAnythingIsMade(run("--out", link.toString(), to), "--out " + link, "no directory");
        assertRefusedBeforeAnythingIsMade(
                run("--out", file + "/below/it", to), "--out " + file, file + " is no directory");
        assertRefusedBeforeAnythingIsMade(run("--keep", file.toString(), to), "--keep " + file, "exists already");
        assertRefusedBeforeAnythingIsMade(run("--keep", link.toString(), to), "--keep " + link, "exists already");
        assertRefusedBeforeAnythingIsMade(run("--keep", directory + "/no/x", to), "its directory is missing");
        assertRefusedBeforeAnythingIsMade(run("--keep", file + "/x", to), file + " is no directory");
        assertRefusedBeforeAnythingIsMade(run("--console", directory.toString(), to), "--console ", "is a directory");
        assertRefusedBeforeAnythingIsMade(run("--console", directory + "/no/x", to), "its directory is missing");
        assertRefusedBeforeAnythingIsMade(run("--out", "/proc/nothing", to), "--out /proc/nothing");
        assertThat(file).isEmptyFile();
        try (var files = Files.list(directory)) {
            assertThat(files).noneMatch(each -> each.toString().endsWith(".probe"));
        }
    }

    @Test
    void jobsThatAreNone() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("nowhere"));
        assertRefusedBeforeAnythingIsMade(
                run(link.toString()), "link", "no job: it is a symbolic link to what is not there");
        assertRefusedBeforeAnythingIsMade(
                run("/dev/null"),
                "/dev/null",
                "a pipe, a socket or a device",
                "disk images are read from files only",
                "save it to a file first");
        assertRefusedBeforeAnythingIsMade(run(""), "an empty name names no file");
        Path text = Files.writeString(directory.resolve("text"), "hello");
        assertRefused(run(text.toString()), "the disk of job text could not be made: ", "holds no ext2, ext3 or ext4");
        terminal.err.reset();
        Path xz = Files.writeString(directory.resolve("text.xz"), "hello");
        assertRefused(run(xz.toString()), "the disk of job text.xz could not be made: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--cpus=0 | a machine has 1 to 255 processors, not 0",
                "--cpus=256 | a machine has 1 to 255 processors, not 256",
                "--memory=1 | a job's machine has 64M to 1T of memory, not 1",
                "--memory=10T | a job's machine has 64M to 1T of memory, not 10T",
                "--timeout=0s | the total limit is more than zero and at most 10000 days, not 0 s",
                "--hypervisor=xen | there is no hypervisor \"xen\" here; use fake",
                "--hypervisor=none:x | there is no hypervisor \"none\" here; use fake",
                "--hypervisor=fake:a b | does not name a hypervisor: it is no URI"
            })
    void valuesOutOfRange(String option, String said) {
        List<String> words = new ArrayList<>(List.of("--root", root.toString(), option, job.toString()));
        if (option.startsWith("--hyper")) {
            Backends backends = new Backends(List.of(new Fake()));
            words.addAll(
                    0, List.of("run", "--scratch", directory.resolve("scratch").toString()));
            Environment surroundings = Environment.of(Map.of("CONSTRUIR_CACHE", "x"), Optional.empty());
            assertRefusedBeforeAnythingIsMade(
                    Main.execute(
                            terminal.streams(),
                            surroundings,
                            backends,
                            RunnerSource.on(backends),
                            words.toArray(String[]::new)),
                    said);
        } else {
            assertRefusedBeforeAnythingIsMade(run(words.toArray(String[]::new)), said);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1048576T", "3T", "5000"})
    void sizesOutOfRange(String size) {
        Environment surroundings = Environment.of(Map.of("CONSTRUIR_CACHE", "x"), Optional.empty());
        Backends backends = new Backends(List.of(new Fake()));
        assertRefusedBeforeAnythingIsMade(
                Main.execute(
                        terminal.streams(),
                        surroundings,
                        backends,
                        RunnerSource.on(backends),
                        "run",
                        "--root",
                        root.toString(),
                        "--disk",
                        size,
                        job.toString()),
                "a job disk has 64K to 2T in steps of 4K, not " + size);
    }

    @Test
    void scratchDirectoriesThatCannotBeUsed() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        assertRefusedBeforeAnythingIsMade(
                run("--scratch", file.toString(), job.toString()),
                "the scratch directory " + file + " cannot be used: ",
                "name another one with --scratch");
        Path open = Files.createDirectories(directory.resolve("open"));
        Files.setPosixFilePermissions(open, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
        assertRefusedBeforeAnythingIsMade(
                run("--scratch", open.toString(), job.toString()),
                "is not safe: " + open + " can be written to by everybody");
    }

    @Test
    void namesCannotSpeakForTheCommand() {
        String name = directory + "/no\u001b]0;owned\u0007\nconstruir: job exited with status 0\r";
        assertRefusedBeforeAnythingIsMade(run("--root", name, job.toString()), "construir: | construir: job exited");
        assertRefusedBeforeAnythingIsMade(run(name), "construir: | construir: job exited");
        assertRefusedBeforeAnythingIsMade(
                run("--keep", name + "/x", job.toString()), "construir: | construir: job exited");
        assertRefusedBeforeAnythingIsMade(run("--cpus", name, job.toString()), "construir: | construir: job exited");
    }

    @Test
    void anyNameWorks() throws Exception {
        for (String name :
                new String[] {"-a, \"b'=%41\tc\nd\u00e9", "x".repeat(120) + "/" + "y".repeat(120), "--out"}) {
            Path place = Files.createDirectories(directory.resolve(name));
            Path moved = Files.move(job, place.resolve("-job,=%"));
            Path image = Files.copy(root, place.resolve("root, =%.img"));
            Path out = place.resolve("out, =%");
            int code = run(
                    "--root",
                    image.toString(),
                    "--scratch",
                    place.resolve("scratch").toString(),
                    "--out",
                    out.toString(),
                    "--select",
                    "**",
                    "--keep",
                    place.resolve("keep,%.img").toString(),
                    "--console",
                    place.resolve("console,%").toString(),
                    moved.toString());
            assertThat(code).as(terminal.err()).isZero();
            assertThat(out.resolve("construir.status")).exists();
            assertThat(place.resolve("keep,%.img")).isNotEmptyFile();
            assertThat(place.resolve("console,%")).isNotEmptyFile();
            assertThat(terminal.err().lines()).allMatch(line -> line.startsWith("construir: "));
            Files.move(moved, job);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "unable to create native thread | no more threads (unable to create native thread); raise ulimit -u",
                "Java heap space | Java has no more memory (Java heap space); give it more by JDK_JAVA_OPTIONS=-Xmx1g"
            })
    void aHostWithoutThreadsOrMemoryIsReportedWithoutATrace(String error, String reported) {
        int code = Main.execute(
                terminal.streams(),
                Environment.of(Map.of(), Optional.empty()),
                new Backends(List.of()),
                choice -> (toRun, listener) -> {
                    throw new OutOfMemoryError(error);
                },
                "run",
                "--root",
                root.toString(),
                "--scratch",
                directory.resolve("scratch").toString(),
                job.toString());
        assertRefused(code, reported);
    }

    @Test
    void lastWordsOfManyLinesStayRecognisable() {
        int code = Main.execute(
                terminal.streams(),
                Environment.of(Map.of(), Optional.empty()),
                new Backends(List.of()),
                choice -> (toRun, listener) -> {
                    if (started.isEmpty()) {
                        throw new HypervisorException("QEMU ended with status 1: one\ntwo\u001b[2J");
                    }
                    return JobResult.of(toRun, new Outcome.Exited(0));
                },
                "run",
                "--root",
                root.toString(),
                "--scratch",
                directory.resolve("scratch").toString(),
                job.toString());
        assertRefused(code, "construir: QEMU ended with status 1: one\nconstruir: | two\\x1b[2J\n");
    }
}
