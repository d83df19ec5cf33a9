package dev.construir.examples.runners;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.image.RootImage;
import dev.construir.machine.Preference;
import dev.construir.qemu.QemuHypervisor;
import dev.construir.run.Runner;
import dev.construir.testing.TestImages;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Both runners, one in the other, on real machines of the tiny image. */
@Timeout(120)
class RunnersIT {
    private static void job(Path directory, String shell) throws Exception {
        Path script = Files.createDirectories(directory.resolve("bin")).resolve("construir");
        Files.writeString(script, "#!/bin/sh\n" + shell + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void aTableOfJobsThatHaveASecondChance(@TempDir Path directory) throws Exception {
        job(directory.resolve("jobs/exits"), "exit 5");
        job(directory.resolve("jobs/killed"), "kill -9 $$");
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        try (Runner machines = Runner.builder(
                                QemuHypervisor.builder()
                                        .scratch(directory.resolve("qemu"))
                                        .build(),
                                RootImage.in(TestImages.find("tiny")))
                        .scratch(directory.resolve("scratch"))
                        .hardwareAcceleration(Preference.NEVER)
                        .build();
                Runner runner = new SecondChance(machines, Duration.ofMinutes(1))) {
            new JobTable(runner, new PrintStream(table, true, StandardCharsets.UTF_8)).print(directory.resolve("jobs"));
        }
        assertThat(table.toString(StandardCharsets.UTF_8))
                .containsPattern("(?m)^exits +exited with status 5 +5 +\\d+$")
                .containsPattern("(?m)^killed +killed by signal 9 inside the machine +137 +\\d+$");
        assertThat(directory.resolve("scratch")).isEmptyDirectory();
    }
}
