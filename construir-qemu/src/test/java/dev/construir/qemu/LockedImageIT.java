package dev.construir.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.machine.HypervisorException;
import dev.construir.testkit.BootSector;
import dev.construir.testkit.RecordingListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A root image that another program's machine writes to is no base for others: the message says which, and who can hold
 * it.
 */
@Timeout(60)
class LockedImageIT {
    @TempDir
    Path directory;

    @Test
    void anotherProgramsMachineHoldsTheBase() throws Exception {
        Path root = BootSector.HANG.write(directory.resolve("root, of \"all\".img"));
        String escaped = root.toString().replace(",", ",,");
        Path up = directory.resolve("up");
        Process holder = new ProcessBuilder(
                        "qemu-system-x86_64",
                        "-nodefaults",
                        "-display",
                        "none",
                        "-S",
                        "-pidfile",
                        up.toString(),
                        "-drive",
                        "if=virtio,format=raw,file=" + escaped)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("said").toFile())
                .start();
        try (QemuHypervisor hypervisor =
                QemuHypervisor.builder().scratch(directory.resolve("scratch")).build()) {
            await().atMost(30, TimeUnit.SECONDS).until(() -> Files.exists(up) || !holder.isAlive());
            assertThat(holder.isAlive())
                    .as(Files.readString(directory.resolve("said")))
                    .isTrue();
            assertThatThrownBy(() -> hypervisor.start(Specs.firmware(root), new RecordingListener()))
                    .isInstanceOf(HypervisorException.class)
                    .hasMessageContaining("the disk " + root + " is in use by another program")
                    .hasMessageContaining("lsof");
            try (Stream<Path> files = Files.walk(directory.resolve("scratch"))) {
                assertThat(files.filter(file -> file.toString().endsWith(".qcow2")
                                || file.toString().endsWith(".sock")))
                        .isEmpty();
            }
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }
}
