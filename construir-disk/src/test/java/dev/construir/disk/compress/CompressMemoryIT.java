package dev.construir.disk.compress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What options say of memory is enough, and not much more than that. */
class CompressMemoryIT {
    private static final CompressOptions OPTIONS =
            CompressOptions.DEFAULT.withPreset(0).withThreads(2);
    /** What Java itself takes of the heap, and what the collector cannot use for arrays of this size. */
    private static final int BESIDE = 8;

    @TempDir
    Path dir;

    /** Compresses a disk. */
    public static void main(String[] words) throws IOException, InterruptedException {
        CompressedImage.write(Path.of(words[0]), Path.of(words[1]), OPTIONS);
    }

    private int compress(int heap) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmn2m",
                        "-Xmx" + heap + "m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CompressMemoryIT.class.getName(),
                        dir.resolve("disk.img").toString(),
                        dir.resolve("disk" + heap + ".img.xz").toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("said").toFile())
                .start();
        try {
            return process.waitFor();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void theHeapThatIsTold() throws Exception {
        byte[] disk = new byte[6 << 20];
        new Random(1).nextBytes(disk); // which is not packed to less
        Files.write(dir.resolve("disk.img"), disk);
        int told = (int) (OPTIONS.memory().bytes() >> 20);

        int status = compress(told + BESIDE);
        assertThat(status).as(Files.readString(dir.resolve("said"))).isZero();
        assertThat(Files.size(dir.resolve("disk" + (told + BESIDE) + ".img.xz")))
                .isGreaterThan(disk.length);

        assertThat(compress(told / 2)).isNotZero();
        assertThat(Files.readString(dir.resolve("said"), StandardCharsets.UTF_8))
                .contains("OutOfMemoryError");
        assertThat(dir.resolve("disk" + told / 2 + ".img.xz")).doesNotExist();
    }
}
