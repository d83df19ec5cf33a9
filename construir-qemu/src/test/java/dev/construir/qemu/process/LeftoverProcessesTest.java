package dev.construir.qemu.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.ownership.ProcessIdentity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoverProcessesTest {
    @TempDir
    Path directory;

    @SuppressWarnings("NullAway.Init") // each test starts its own
    private Process process;

    @AfterEach
    void end() {
        process.destroyForcibly();
    }

    @Test
    void endsTheProcessThatWasNoted() throws Exception {
        start(directory.getFileName().toString());
        LeftoverProcesses.note(directory, process.pid());
        LeftoverProcesses.end(directory);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void sparesAProcessWithAnotherName() throws Exception {
        start("something-else");
        LeftoverProcesses.note(directory, process.pid());
        LeftoverProcesses.end(directory);
        assertThat(process.isAlive()).isTrue();
    }

    @Test
    void sparesAProcessThatOnlyHasTheNumber() throws Exception {
        start(directory.getFileName().toString());
        ProcessIdentity identity = ProcessIdentity.of(process.pid()).orElseThrow();
        Files.writeString(
                directory.resolve("process"), new ProcessIdentity(identity.pid(), identity.start() - 1).toString());
        LeftoverProcesses.end(directory);
        assertThat(process.isAlive()).isTrue();
    }

    @Test
    void makesNothingOfAGarbledNote() throws Exception {
        start(directory.getFileName().toString());
        Files.writeString(directory.resolve("process"), "1");
        LeftoverProcesses.end(directory);
        assertThat(process.isAlive()).isTrue();
    }

    private void start(String name) throws Exception {
        process = new ProcessBuilder("/bin/sh", "-c", "read -r line", "-name", name, "-more").start();
    }
}
