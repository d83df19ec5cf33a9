package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.disk.read.DiskReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code put} and {@code rm}, as people start them: {@code e2fsck} finds nothing to repair afterwards. */
@Timeout(180)
@SuppressWarnings("NullAway.Init")
class EditDisksIT {
    @TempDir
    Path directory;

    private Path image;
    private Path file;

    @BeforeEach
    void makeFile() throws Exception {
        image = directory.resolve("job.img");
        file = Files.writeString(directory.resolve("construir"), "#!/bin/sh\necho changed\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void construir(int status, String... arguments) throws Exception {
        Launch launch = Launch.of(directory, arguments);
        assertThat(launch.status()).as(launch.err()).isEqualTo(status);
    }

    private void assertClean() throws Exception {
        Process check = new ProcessBuilder("/sbin/e2fsck", "-fn", image.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(check.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(check.exitValue()).as(said).isZero();
    }

    @Test
    void packedJob_isChangedAndClean() throws Exception {
        Path job = directory.resolve("job");
        Path script = Files.createDirectories(job.resolve("bin")).resolve("construir");
        Files.writeString(script, "#!/bin/sh\nexit 1\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        construir(0, "pack", job.toString(), "-o", image.toString(), "--size=16M");
        construir(0, "put", image.toString(), file.toString(), "/bin/");
        assertClean();
        assertThat(Launch.of(directory, "cat", image.toString(), "bin/construir")
                        .out())
                .isEqualTo("#!/bin/sh\necho changed\n");
        construir(0, "rm", image.toString(), "bin/construir");
        assertClean();
        construir(125, "rm", image.toString(), "bin/construir");
        assertClean();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ext2", "ext3", "ext4"})
    void fileSystemOfMke2fs_isChangedAndCleanAlsoWhenItIsFull(String type) throws Exception {
        Process make = new ProcessBuilder("/sbin/mke2fs", "-q", "-t", type, image.toString(), "16M")
                .redirectErrorStream(true)
                .start();
        String said = new String(make.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(make.waitFor()).as(said).isZero();
        construir(0, "put", image.toString(), file.toString(), "/script");
        byte[] big = new byte[20 << 20];
        new Random(1).nextBytes(big);
        Path tooBig = Files.write(directory.resolve("big"), big);
        construir(125, "put", image.toString(), tooBig.toString(), "/big");
        assertClean();
        construir(0, "rm", image.toString(), "script");
        assertClean();
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.find("script")).isEmpty();
            assertThat(disk.find("big")).isEmpty();
        }
    }
}
