package dev.construir.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.ImageFormat;
import dev.construir.machine.Disk;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.testing.HostCommand;
import dev.construir.testkit.BootSector;
import dev.construir.testkit.RecordingListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A host without room ends the machine and says which file it was. Mounts a small file system, which takes root. */
@Timeout(60)
class DiskFullIT {
    @TempDir
    Path directory;

    private Path small;

    @BeforeEach
    void mount() throws Exception {
        small = Files.createDirectory(directory.resolve("small"));
        HostCommand.run("mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", small.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        HostCommand.run("umount", small.toString());
    }

    @Test
    void namesTheJobsDisk() throws Exception {
        Path job = QemuMachineIT.raw(small.resolve("job.img"), 24 << 20);
        Path root = BootSector.FILL_SECOND_DISK.write(directory.resolve("root.img"));
        try (QemuHypervisor hypervisor = QemuHypervisor.builder()
                        .scratch(directory.resolve("scratch"))
                        .build();
                Machine machine = hypervisor.start(
                        Specs.firmware(Disk.copyOnWrite(root, ImageFormat.RAW), Disk.writable(job, "job")),
                        new RecordingListener())) {
            assertThat(machine.exit().get(30, TimeUnit.SECONDS)).isEqualTo(new MachineExit.DiskFull(job));
        }
    }

    @Test
    void namesTheOverlay() throws Exception {
        Path root = BootSector.FILL_FIRST_DISK.write(directory.resolve("root.img"), 24 << 20);
        try (QemuHypervisor hypervisor = QemuHypervisor.builder()
                        .scratch(small.resolve("scratch"))
                        .build();
                Machine machine = hypervisor.start(Specs.firmware(root), new RecordingListener())) {
            assertThat(machine.exit().get(30, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            MachineExit.DiskFull.class,
                            full -> assertThat(full.file()).startsWithRaw(small).hasFileName("overlay-0.qcow2"));
        }
    }
}
