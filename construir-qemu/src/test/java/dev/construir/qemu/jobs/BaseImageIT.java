package dev.construir.qemu.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Run;
import dev.construir.run.Runner;
import dev.construir.testing.TestImages;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Debian image: what is in it, and that nothing a job does changes it. */
@Timeout(300)
class BaseImageIT {
    private static final Resources DEBIAN =
            Resources.DEFAULT.withMemory(DataSize.ofMebibytes(512)).withDisk(DataSize.ofMebibytes(64));

    @TempDir
    Path scratch;

    private static Job job(String name, String shell) {
        return Job.script(name, shell)
                .withResources(DEBIAN)
                .withLimits(Limits.DEFAULT.withTotal(Duration.ofMinutes(4)));
    }

    private static String sha256(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Test
    void isUntouchedByTwoJobsThatDestroyIt() throws Exception {
        Path disk = RootImage.in(TestImages.find("debian")).disk();
        String before = sha256(disk);
        String overwrite = "dd if=/dev/urandom of=/dev/vda bs=1M count=64 conv=fsync; exit 11";
        String delete = "rm -rf --one-file-system /usr/share /usr/lib/gcc /var /home /etc; sync; exit 12";
        try (Runner runner = RealMachines.runner("debian", scratch);
                Run one = runner.start(job("overwrite", overwrite));
                Run two = runner.start(job("delete", delete))) {
            assertThat(one.await().outcome()).isEqualTo(new Outcome.Exited(11));
            assertThat(two.await().outcome()).isEqualTo(new Outcome.Exited(12));
        }
        assertThat(sha256(disk)).isEqualTo(before);
    }

    @Test
    void compilesAndRunsAProgram() throws Exception {
        String shell = """
                set -e
                cat > hello.c <<'END'
                #include <stdio.h>
                int main(void) { puts("compiled in a machine"); return 0; }
                END
                gcc -O2 -o hello hello.c
                ./hello
                perl -e 'print "perl\\n"'
                tar --version | head -n 1
                xz --version | head -n 1
                make --version | head -n 1
                """;
        try (Runner runner = RealMachines.runner("debian", scratch);
                JobResult result = runner.run(job("compile", shell))) {
            assertThat(result.outcome()).as(result.output().text()).isEqualTo(new Outcome.Exited(0));
            assertThat(result.output().text())
                    .contains("compiled in a machine", "perl", "tar (GNU tar)", "xz (XZ Utils)", "GNU Make");
            assertThat(result.files().find("/hello").orElseThrow().attributes().mode() & 0100)
                    .isEqualTo(0100);
        }
    }
}
