package dev.construir.qemu.jobs;

import static dev.construir.qemu.jobs.RealMachines.script;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import dev.construir.testing.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An image that looks right from outside and is not: what the guest said of it is in the message. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class BrokenImageIT {
    @TempDir
    Path temp;

    private Path image;

    @BeforeEach
    void copyImage() throws IOException {
        image = Files.createDirectory(temp.resolve("image"));
        for (String name : new String[] {"image.properties", "root.img", "vmlinuz", "initrd.img"}) {
            Files.copy(TestImages.find("tiny").resolve(name), image.resolve(name));
        }
    }

    private void fillWithGarbage(String name) throws IOException {
        byte[] garbage = new byte[1 << 20];
        new Random(1).nextBytes(garbage);
        Files.delete(image.resolve(name));
        Files.write(image.resolve(name), garbage);
    }

    private void assertEnds(Class<? extends Outcome> how, String... said) throws Exception {
        try (Runner runner = RealMachines.runner(RootImage.in(image), temp.resolve("scratch"));
                JobResult result = runner.run(script("echo never"))) {
            assertThat(result.outcome()).as(result.console().text()).isInstanceOf(how);
            assertThat(result.outcome().exitCode()).isEqualTo(125);
            assertThatThrownBy(result::orThrow)
                    .isInstanceOf(ConstruirException.class)
                    .hasMessageContainingAll(said);
        }
    }

    @Test
    void anInitrdOfGarbage() throws Exception {
        fillWithGarbage("initrd.img");
        assertEnds(Outcome.GuestCrashed.class, "panic", "Unable to mount root fs");
    }

    @Test
    void aRootDiskOfGarbage() throws Exception {
        fillWithGarbage("root.img");
        assertEnds(Outcome.NoStatus.class, "without a status of the job", "root");
    }
}
