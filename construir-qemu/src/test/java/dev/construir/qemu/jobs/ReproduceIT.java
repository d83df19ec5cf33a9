package dev.construir.qemu.jobs;

import static dev.construir.qemu.jobs.RealMachines.script;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.disk.read.DiskReader;
import dev.construir.image.RootImage;
import dev.construir.machine.Usage;
import dev.construir.run.JobFailedException;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome.Exited;
import dev.construir.run.Runner;
import dev.construir.testing.TestImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A job that failed in a real machine fails again in one that is started by hand. */
@Timeout(120)
class ReproduceIT {
    // Counts its runs on its disk, uses both disks, and speaks on the console before it fails.
    private static final String FAILING = """
            echo x >> /job/runs
            echo "run $(wc -l < /job/runs) failed"
            dd if=/dev/urandom of=/job/data bs=1M count=3 2>/dev/null
            echo damage > /etc/damaged && sync
            printf '\\033[2Jmark on the console\\n' > /dev/console
            exit 3
            """;

    @TempDir
    Path temp;

    @Test
    void aFailureIsReproducedByHand() throws Exception {
        Path root = RootImage.in(TestImages.find("tiny")).disk();
        String before = sha256(root);
        Path kept = temp.resolve("it's, \"kept\"\nhere");
        try (Runner runner = RealMachines.tiny(temp.resolve("scratch"));
                JobResult result = runner.run(script(FAILING))) {
            assertThat(result.outcome()).isEqualTo(new Exited(3));
            assertPlausible(result.usage());
            assertThatThrownBy(result::orThrow)
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("\n  | run 1 failed\n")
                    .hasMessageContaining("\n  | mark on the console\n")
                    .message()
                    .doesNotContain("\u001b");
            result.reproduce(kept);
            assertThat(status(result.files())).contains("exit=3");
        }
        assertThat(Files.readString(kept.resolve("result.txt"))).contains("outcome: exited with status 3\n");

        assertThat(start(kept)).contains("run 1 failed", "mark on the console", "reboot: Power down");
        assertLeft(kept.resolve("disk.img"), 1);
        assertThat(start(kept, "after")).contains("run 2 failed");
        assertLeft(kept.resolve("disk.img"), 2);
        assertLeft(kept.resolve("disk-after.img"), 1);
        assertThat(sha256(root)).isEqualTo(before);
        assertThat(RealMachines.machines()).isEmpty();
    }

    private static void assertPlausible(Usage usage) {
        assertThat(usage.cpu()).isPositive();
        assertThat(usage.peakMemory().orElseThrow())
                .isGreaterThan(DataSize.ofMebibytes(16))
                .isLessThan(DataSize.ofGibibytes(2));
        assertThat(usage.diskRead().bytes()).isPositive();
        assertThat(usage.diskWritten())
                .isGreaterThanOrEqualTo(DataSize.ofMebibytes(3))
                .isLessThan(DataSize.ofMebibytes(64));
    }

    private static void assertLeft(Path disk, int runs) throws IOException {
        try (DiskReader reader = DiskReader.open(disk)) {
            assertThat(status(reader)).contains("state=ended\nexit=3\n");
            assertThat(reader.find("/runs").orElseThrow().size()).isEqualTo(2L * runs);
        }
    }

    private static String status(DiskReader reader) throws IOException {
        try (var in = reader.open("/construir.status")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    // Not by a terminal: with nothing to type, and a file for the console.
    private String start(Path kept, String... arguments) throws Exception {
        Path console = temp.resolve("console.txt");
        String[] command = new String[arguments.length + 1];
        command[0] = kept.resolve("run").toString();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process = new ProcessBuilder(command)
                .directory(temp.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(console.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as(() -> "ended; console: " + read(console))
                    .isTrue();
            assertThat(process.exitValue()).as(() -> read(console)).isZero();
        } finally {
            process.destroyForcibly();
        }
        return read(console);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static String sha256(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (var in = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 20];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
