package dev.construir.qemu.jobs;

import static dev.construir.qemu.jobs.RealMachines.script;
import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import dev.construir.testing.HostCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The scratch directory is on a file system that fills up: a small tmpfs, mounted by the test, which has to be root for
 * it.
 */
@Timeout(120)
class HostDiskFullIT {
    @TempDir
    Path temp;

    private Path small;

    @BeforeEach
    void mount() throws Exception {
        small = Files.createDirectory(temp.resolve("small"));
        HostCommand.run("mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", small.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        HostCommand.run("umount", small.toString());
    }

    @Test
    void theJobFillsTheHostsDisk() throws Exception {
        try (Runner runner = RealMachines.tiny(small);
                JobResult result = runner.run(script("dd if=/dev/urandom of=/job/big bs=1M count=12; sync; exit 0"))) {
            assertThat(result.outcome())
                    .isInstanceOfSatisfying(
                            Outcome.HostDiskFull.class,
                            full -> assertThat(full.where()).hasFileName("job.img"));
            assertThat(result.outcome().exitCode()).isEqualTo(125);
        }
    }

    @Test
    void theRootFillsTheHostsDisk() throws Exception {
        try (Runner runner = RealMachines.tiny(small);
                JobResult result = runner.run(script("dd if=/dev/urandom of=/dev/vda bs=1M count=12; sync; exit 0")
                        .withResources(RealMachines.SMALL.withDisk(DataSize.ofMebibytes(1))))) {
            assertThat(result.outcome()).isInstanceOf(Outcome.HostDiskFull.class);
        }
    }
}
