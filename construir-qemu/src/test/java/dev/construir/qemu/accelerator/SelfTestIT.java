package dev.construir.qemu.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guest of the self-test is what its source says. */
class SelfTestIT {
    private static final Path SOURCE = Path.of("..", "src-test-images", "boot-sector", "probe.S");

    @TempDir
    Path directory;

    @Test
    void theBootSectorIsAssembledFromItsSource() throws Exception {
        Path object = directory.resolve("probe.o");
        Path sector = directory.resolve("probe.bin");
        run("gcc", "-c", "-o", object.toString(), SOURCE.toString());
        run("ld", "-Ttext", "0x7c00", "--oformat", "binary", "-o", sector.toString(), object.toString());
        try (InputStream resource = SelfTest.class.getResourceAsStream("probe-x86_64.bin")) {
            assertThat(resource).isNotNull();
            assertThat(resource.readAllBytes())
                    .isEqualTo(Files.readAllBytes(sector))
                    .hasSize(512);
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
    }
}
