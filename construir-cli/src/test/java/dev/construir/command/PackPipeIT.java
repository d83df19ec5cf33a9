package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code pack} of what is no regular file, by a shell's own means: pipes, named ones, substituted processes, terminals.
 */
@Timeout(120)
class PackPipeIT {
    @TempDir
    Path directory;

    @BeforeEach
    void makeJob() throws Exception {
        Path script = Files.createDirectories(directory.resolve("d/bin")).resolve("construir");
        Files.writeString(script, "#!/bin/sh\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        assertThat(shell("mkfifo fifo; tar -C d -cf a.tar . && gzip -k a.tar && xz -k a.tar; head -c 5000 "
                        + "a.tar | gzip > two.gz; tail -c +5001 a.tar | gzip >> two.gz"))
                .isZero();
    }

    private int shell(String script) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", "C=$0; " + script, Launch.launcher())
                .directory(directory.toFile())
                .redirectOutput(directory.resolve("stdout").toFile())
                .redirectError(directory.resolve("stderr").toFile());
        builder.environment().put("CONSTRUIR_JARS_ARE_BUILT", "yes");
        Process process = builder.start();
        process.getOutputStream().close();
        assertThat(process.waitFor(90, TimeUnit.SECONDS)).as(err()).isTrue();
        return process.exitValue();
    }

    private String err() throws IOException {
        return Files.readString(directory.resolve("stderr"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tar -C d -c . | $C pack - -o i.img",
                "tar -C d -cz . | $C pack - -o i.img",
                "tar -C d -cJ . | $C pack - -o i.img",
                "cat two.gz | $C pack - -o i.img",
                "tar -C d -c . | $C pack /dev/stdin -o i.img",
                "$C pack <(tar -C d -c .) -o i.img",
                "tar -C d -c . > fifo & $C pack fifo -o i.img",
                "$C pack - -o i.img < a.tar",
                "$C pack - -o i.img < <(cat a.tar)",
                "$C pack /dev/stdin -o i.img < a.tar.xz",
                "cp a.tar.gz misnamed.tar; $C pack misnamed.tar -o i.img"
            })
    void archivesComeFromAnywhere(String script) throws Exception {
        assertThat(shell(script)).as(err()).isZero();
        assertThat(err()).isEmpty();
        assertThat(shell("$C cat i.img /bin/construir")).isZero();
        assertThat(Files.readString(directory.resolve("stdout"))).isEqualTo("#!/bin/sh\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "head -c 700 a.tar | $C pack - -o i.img",
                "head -c 100 a.tar.gz | $C pack - -o i.img",
                "head -c 100 a.tar.xz | $C pack - -o i.img",
                "$C pack - -o i.img < /dev/null",
                "$C pack /dev/null -o i.img",
                "head -c 3000 /dev/urandom | $C pack - -o i.img"
            })
    void whatIsNoWholeArchiveIsRefused(String script) throws Exception {
        assertThat(shell(script)).isEqualTo(ExitCode.FAILED);
        assertThat(err().strip().lines()).hasSize(1);
        assertThat(directory.resolve("i.img")).doesNotExist();
    }

    /** Of a named pipe that nobody opens to write, and of stdin that nobody writes to. */
    @ParameterizedTest
    @ValueSource(strings = {"fifo", "-"})
    void aSignalEndsTheWait(String operand) throws Exception {
        Process process = new ProcessBuilder(Launch.launcher(), "pack", operand, "-o", "i.img")
                .directory(directory.toFile())
                .redirectError(directory.resolve("stderr").toFile())
                .start();
        await().atMost(Duration.ofSeconds(60)).until(this::isBegun);
        process.toHandle()
                .destroy(); // Process.destroy closes stdin too, whose end would be read before the signal is seen
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(err()).isTrue();
        assertThat(process.exitValue()).isIn(ExitCode.CANCELLED, 143);
        assertThat(isBegun()).as("the unfinished image is removed").isFalse();
    }

    private boolean isBegun() throws IOException {
        try (var files = Files.list(directory)) {
            return files.anyMatch(each -> each.getFileName().toString().startsWith(".i.img"));
        }
    }

    @Test
    void disksAreNotReadFromPipes() throws Exception {
        assertThat(shell("$C pack d -o i.img")).isZero();
        for (String command : new String[] {"ls %s", "cat %s /bin/construir", "extract %s -o out", "run %s"}) {
            assertThat(shell("$C " + String.format(command, "<(cat i.img)"))).isNotZero();
            assertThat(err().strip().lines()).hasSize(1);
            assertThat(err()).contains("pipe").contains("save it to a file");
        }
    }

    /** Begins to pack what comes by stdin, and waits until there is something of it. */
    private Process begin(String image) throws Exception {
        Process process = new ProcessBuilder(Launch.launcher(), "pack", "-", "-o", image)
                .directory(directory.toFile())
                .redirectError(directory.resolve(image + ".err").toFile())
                .start();
        process.getOutputStream().write(Files.readAllBytes(directory.resolve("a.tar")), 0, 1024);
        process.getOutputStream().flush();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> partial().stream().anyMatch(name -> name.startsWith("." + image + ".part-")));
        return process;
    }

    private List<String> partial() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.contains(".part-"))
                    .toList();
        }
    }

    @Test
    void whatAKilledOneLeftIsRemovedByTheNextAndNothingElse() throws Exception {
        Path others = Files.writeString(directory.resolve(".other.img.part-1-1"), "of somebody");
        Process killed = begin("killed.img");
        Process alive = begin("alive.img");
        try {
            List<ProcessHandle> java = killed.descendants().toList();
            assertThat(java).isNotEmpty();
            java.forEach(ProcessHandle::destroyForcibly);
            killed.destroyForcibly().waitFor();
            for (ProcessHandle each : java) {
                each.onExit().get(30, TimeUnit.SECONDS);
            }
            assertThat(partial()).hasSize(3).anyMatch(name -> name.startsWith(".killed.img.part-"));
            assertThat(shell("$C pack d -o next.img")).as(err()).isZero();
            assertThat(err()).isEmpty();
            assertThat(partial()).hasSize(2).noneMatch(name -> name.startsWith(".killed.img.part-"));
            byte[] archive = Files.readAllBytes(directory.resolve("a.tar"));
            alive.getOutputStream().write(archive, 1024, archive.length - 1024);
            alive.getOutputStream().close();
            assertThat(alive.waitFor()).isZero();
        } finally {
            alive.destroyForcibly();
            killed.destroyForcibly();
        }
        assertThat(shell("$C cat alive.img /bin/construir")).isZero();
        assertThat(partial()).containsExactly(others.getFileName().toString());
    }
}
