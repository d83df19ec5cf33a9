package dev.construir.examples.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.scratch.Scratch;
import dev.construir.testing.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the README's first program in a real machine, in the directory that it expects. */
@Timeout(300)
class FirstProgramIT {
    @TempDir
    Path directory;

    private String out = "";
    private String err = "";

    @Test
    void printsWhatTheJobPrintsAndBringsItsOutputs() throws Exception {
        assertThat(run("echo built; echo content >result")).as(err).isZero();
        assertThat(out).isEqualTo("built\nexited with status 0\n");
        assertThat(directory.resolve("out/result")).hasContent("content\n");
    }

    @Test
    void failsWhenTheJobFails() throws Exception {
        assertThat(run("echo broken; exit 3")).isEqualTo(1);
        assertThat(out).isEqualTo("broken\n");
        assertThat(err)
                .contains("JobFailedException")
                .contains("exited with status 3")
                .contains("broken");
        assertThat(directory.resolve("out")).doesNotExist();
    }

    private int run(String script) throws Exception {
        Files.createSymbolicLink(directory.resolve("debian"), TestImages.find("tiny"));
        Path program = directory.resolve("hello/bin/construir");
        Files.createDirectories(program.getParent());
        Files.writeString(program, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        Process process = new ProcessBuilder(List.of(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        FirstProgram.class.getName()))
                .directory(directory.toFile())
                .redirectOutput(directory.resolve("stdout").toFile())
                .redirectError(directory.resolve("stderr").toFile())
                .start();
        try {
            assertThat(process.waitFor(200, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        out = Files.readString(directory.resolve("stdout"));
        err = Files.readString(directory.resolve("stderr"));
        assertThat(ownedBy(process)).isEmpty();
        return process.exitValue();
    }

    // Nobody has closed the hypervisor: the process had let go of everything all the same.
    private static List<Path> ownedBy(Process process) throws IOException {
        try (Stream<Path> files = Files.walk(Scratch.defaultRoot(), 2)) {
            return files.filter(file -> file.getFileName().toString().startsWith(process.pid() + "-"))
                    .toList();
        }
    }
}
