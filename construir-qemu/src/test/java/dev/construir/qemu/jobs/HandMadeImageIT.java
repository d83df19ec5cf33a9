package dev.construir.qemu.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.job.Job;
import dev.construir.run.JobResult;
import dev.construir.run.Runner;
import dev.construir.testing.HostCommand;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A job image made by hand, with the tools everybody has, runs unchanged. */
@Timeout(120)
class HandMadeImageIT {
    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(strings = {"mkfs.ext2", "mkfs.ext3", "mkfs.ext4"})
    void runsUnchanged(String mkfs) throws Exception {
        Path image = temp.resolve("job.img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(16 << 20);
        }
        Path script = Files.writeString(temp.resolve("construir"), "#!/bin/sh\necho made by hand\nexit 4\n");
        HostCommand.run(mkfs, "-q", "-F", image.toString());
        HostCommand.run(
                "debugfs",
                "-w",
                "-f",
                Files.writeString(
                                temp.resolve("commands"),
                                "mkdir bin\ncd bin\nwrite " + script
                                        + " construir\nset_inode_field construir mode 0100755\n")
                        .toString(),
                image.toString());
        byte[] before = Files.readAllBytes(image);
        try (Runner runner = RealMachines.tiny(temp.resolve("scratch"));
                JobResult result = runner.run(Job.fromImage(image).withResources(RealMachines.SMALL))) {
            assertThat(result.output().text()).isEqualTo("made by hand\n");
            assertThat(result.outcome().exitCode()).isEqualTo(4);
            assertThat(result.copyOutputsTo(temp.resolve("out")).files()).isEqualTo(1);
            assertThat(temp.resolve("out/construir.log")).hasContent("made by hand");
        }
        assertThat(Files.readAllBytes(image)).isEqualTo(before);
    }
}
