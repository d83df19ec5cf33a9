package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.testing.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What this user may not read is named, by the command as people start it; root, who may read all, has that taken away
 * first.
 */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class UnreadableIT {
    private static final Set<PosixFilePermission> NOBODY = PosixFilePermissions.fromString("---------");
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rwx------");

    @TempDir
    Path directory;

    private Path image;
    private Path job;

    @BeforeEach
    void makeImageAndJob() throws IOException {
        image = Files.createDirectory(directory.resolve("image"));
        for (String name : new String[] {"image.properties", "root.img", "vmlinuz", "initrd.img"}) {
            Files.copy(TestImages.find("tiny").resolve(name), image.resolve(name));
        }
        job = directory.resolve("job");
        Path script = Files.createDirectories(job.resolve("bin")).resolve("construir");
        Files.setPosixFilePermissions(Files.writeString(script, "#!/bin/sh\n"), OWNER);
        Files.writeString(job.resolve("data"), "data");
        Files.writeString(directory.resolve("job.img"), "data");
    }

    @AfterEach
    void nothingIsLeftBehind() throws Exception {
        assertThat(Launch.processesNaming(directory.toString())).isEmpty();
        if (Files.exists(directory.resolve("scratch"))) {
            try (var files = Files.walk(directory.resolve("scratch"))) {
                assertThat(files.filter(Files::isRegularFile)
                                .filter(f -> !f.toString().contains("qemu-facts")))
                        .isEmpty();
            }
        }
    }

    private void assertRefused(String unreadable, String to, String... said) throws Exception {
        Path forbidden = directory.resolve(unreadable);
        Files.setPosixFilePermissions(forbidden, NOBODY);
        String scratch = directory.resolve("scratch").toString();
        String[] words = {
            "run",
            "--root",
            image.toString(),
            "--scratch",
            scratch,
            "--disk=16M",
            directory.resolve(to).toString()
        };
        Launch launch = Launch.by(directory, Unprivileged.byModes(), Map.of(), words);
        Files.setPosixFilePermissions(forbidden, OWNER);
        assertThat(launch.status()).as(launch.err()).isEqualTo(125);
        assertThat(launch.out()).isEmpty();
        assertThat(launch.err().lines()).hasSize(1).allMatch(line -> line.startsWith("construir: "));
        assertThat(launch.err()).contains(said).contains(forbidden.toString()).doesNotContain("Exception");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "job.img | job.img | this user may not read the job; see its owner and mode",
                "job/data | job | the disk of job job could not be made: ",
                "image/image.properties | job | image.properties cannot be read: ",
                "image/root.img | job | the disk of a root image cannot be used: ",
                "image/vmlinuz | job | the kernel of a root image cannot be used: ",
            })
    void aFile(String unreadable, String to, String said) throws Exception {
        assertRefused(unreadable, to, said);
    }

    @Test
    void aDirectory() throws Exception {
        assertRefused("job/bin", "job", "permission denied");
        assertRefused("job", "job/bin", "no job: this user may not look into a directory above it");
        assertRefused("image", "job", "permission denied");
    }
}
