package dev.construir.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.command.Launch;
import dev.construir.testing.TestImages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command with much to carry, little memory, and a reader of its stdout that takes its time. */
@Timeout(240)
class StreamsIT {
    private static final int MEBIBYTE = 1 << 20;
    private static final int NOISE = 16 * MEBIBYTE;

    @TempDir
    Path directory;

    @BeforeAll
    static void buildWithMoreMemory(@TempDir Path directory) throws Exception {
        Launch launch = Launch.of(directory, "--version"); // a checkout without jars builds them now
        assertThat(launch.status()).as(launch.err()).isZero();
    }

    private Process start(String shell, String... options) throws IOException {
        Path script = Files.createDirectories(directory.resolve("job/bin")).resolve("construir");
        Files.writeString(script, "#!/bin/sh\n" + shell + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        ProcessBuilder command = new ProcessBuilder(Launch.launcher(), "run", "--memory=128M");
        command.command().addAll(List.of("--root", TestImages.find("tiny").toString()));
        command.command()
                .addAll(List.of("--scratch", directory.resolve("scratch").toString()));
        command.command().addAll(List.of(options));
        command.command().add(directory.resolve("job").toString());
        command.environment().put("JDK_JAVA_OPTIONS", "-Xmx64m");
        return command.redirectError(directory.resolve("stderr").toFile()).start();
    }

    private String stderr() throws IOException {
        return Files.readString(directory.resolve("stderr"));
    }

    private void assertEnds(Process process, int status) throws Exception {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(stderr()).isTrue();
        assertThat(process.exitValue()).as(stderr()).isEqualTo(status);
    }

    @Test
    void carriesAGibibyteAndA200MebibytesOfOutputIn64MebibytesOfHeap() throws Exception {
        Path out = directory.resolve("out");
        Process process = start(
                "head -c " + NOISE + " /dev/urandom >noise; n=noise; four=\"$n $n $n $n\"\n"
                        + "cat $four $four $four; head -c " + 8 * MEBIBYTE + " noise\n"
                        + "for i in 1 2 3 4; do cat $four $four $four $four; done >big",
                "--disk=2G",
                "--out",
                out.toString());
        try {
            await().atMost(Duration.ofSeconds(150))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> waitingOnDisk(process) > 150L * MEBIBYTE || !process.isAlive());
            byte[] first = assertRepeats(process.getInputStream(), 200L * MEBIBYTE);
            assertEnds(process, 0);
            assertThat(stderr()).contains("-Xmx64m").doesNotContain("missing");
            assertThat(out.resolve("noise")).hasBinaryContent(first);
            try (InputStream big = Files.newInputStream(out.resolve("big"))) {
                assertThat(assertRepeats(big, 1L << 30)).isEqualTo(first);
            }
        } finally {
            process.destroy();
        }
    }

    /** Reads a stream of the given length, the same noise again and again, and returns it. */
    private byte[] assertRepeats(InputStream stream, long length) throws IOException {
        byte[] first = stream.readNBytes(NOISE);
        long total = first.length;
        byte[] next = new byte[NOISE];
        for (int n = NOISE; n == NOISE; total += n) {
            n = stream.readNBytes(next, 0, NOISE);
            assertThat(Arrays.equals(next, 0, n, first, 0, n))
                    .as("the same after " + total + ": " + stderr())
                    .isTrue();
        }
        assertThat(total).isEqualTo(length);
        return first;
    }

    /** Returns how much the command keeps in its file without a name. */
    private static long waitingOnDisk(Process process) {
        // Java is a child of the launcher.
        return waitingOnDisk(process.pid())
                + process.descendants()
                        .mapToLong(each -> waitingOnDisk(each.pid()))
                        .sum();
    }

    private static long waitingOnDisk(long pid) {
        long size = 0;
        try (var files = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path file : files) {
                if (Files.isSymbolicLink(file)
                        && Files.readSymbolicLink(file).toString().matches(".*/output-\\d+ \\(deleted\\)")) {
                    size += Files.size(file);
                }
            }
        } catch (IOException e) {
            return 0; // it has ended, or closed a file
        }
        return size;
    }

    @Test
    void aFullDiskForWhatWaitsIsAFailureOfTheCommandAndNotOfTheJob() throws Exception {
        Path small = Files.createDirectories(directory.resolve("scratch/command"));
        command("mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", small.toString());
        try {
            Process process = start("head -c " + 40 * MEBIBYTE + " /dev/zero | tr '\\0' x; touch done", "--disk=16M");
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> stderr().contains("has no room for what waits") || !process.isAlive());
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            process.getInputStream().transferTo(out);
            assertEnds(process, 125);
            assertThat(out.size()).isBetween(4 * MEBIBYTE, 6 * MEBIBYTE);
            assertThat(out.toString(StandardCharsets.US_ASCII)).matches("x++");
            assertThat(stderr()).contains("name a directory with room by --scratch", "job exited with status 0");
        } finally {
            command("umount", small.toString());
        }
    }

    private static void command(String... words) throws Exception {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
