package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.disk.Attributes;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.DiskContent;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import dev.construir.job.Job;
import dev.construir.job.Outputs;
import dev.construir.job.Resources;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskResultTest {
    private static final DataSize SIZE = DataSize.ofMebibytes(64);
    private static final DiskContent GIVEN =
            disk -> disk.executable("bin/construir", "#!/bin/sh\n").file("data.txt", "given");
    private static final Job JOB = Job.of("test", GIVEN).withResources(Resources.DEFAULT.withDisk(SIZE));

    @TempDir
    Path directory;

    private Path image;

    /** Writes what the job began with, and what it left. */
    @BeforeEach
    void run() throws IOException {
        image = directory.resolve("left.img");
        JobDisk.create(
                image,
                DiskOptions.of(SIZE),
                GIVEN.and(disk -> disk.file("sum.txt", "3\u20ac\n")
                        .symbolicLink("link", Attributes.ofRoot(0777, Instant.EPOCH), "sum.txt")
                        .file("construir.log", "one\ntwo\n")
                        .file("construir.status", "run=job-000000000000\n")
                        .file("large", Attributes.ofRoot(0644, Instant.EPOCH), (16 << 20) + 1, zeros())));
    }

    private static InputStream zeros() {
        return new InputStream() {
            private int left = (16 << 20) + 1;

            @Override
            public int read() {
                return left-- > 0 ? 0 : -1;
            }

            @Override
            public int read(byte[] into, int at, int length) {
                int count = Math.min(left, length);
                left -= count;
                Arrays.fill(into, at, at + count, (byte) 0);
                return count == 0 && length > 0 ? -1 : count;
            }
        };
    }

    @Test
    void result_readsWhatTheJobLeft() throws Exception {
        try (JobResult result = JobResult.of(JOB, new Outcome.Exited(0), image)) {
            assertThat(result.orThrow()).isSameAs(result);
            assertThat(result.job()).isSameAs(JOB);
            assertThat(result.text("sum.txt")).isEqualTo("3\u20ac\n");
            assertThat(result.text("/link")).isEqualTo("3\u20ac\n");
            assertThat(result.outputLines()).containsExactly("one", "two");
            assertThat(result.diskFile()).contains(image);
            assertThat(result).hasToString("job test: exited with status 0 (from " + image + ")");
        }
    }

    @Test
    void text_isBounded() throws Exception {
        try (JobResult result = JobResult.of(JOB, new Outcome.Exited(0), image)) {
            assertThatThrownBy(() -> result.text("large"))
                    .isInstanceOf(IOException.class)
                    .hasMessage("large of job test has 16777217 bytes, "
                            + "and text() reads at most 16M; read it by files().open(path)");
            assertThatThrownBy(() -> result.text("bin")).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> result.text("missing")).isInstanceOf(NoSuchFileException.class);
        }
    }

    @Test
    void outputs_areWhatTheJobChanged() throws Exception {
        Path out = directory.resolve("out");
        try (JobResult result = JobResult.of(JOB, new Outcome.Exited(0), image)) {
            result.copyOutputsTo(out);
        }
        assertThat(names(out)).containsExactlyInAnyOrder("sum.txt", "link", "construir.log", "large");
        Path named = directory.resolve("named");
        Job naming = JOB.withOutputs(Outputs.matching("data.*"));
        try (JobResult result = JobResult.of(naming, new Outcome.Exited(0), image)) {
            result.copyOutputsTo(named);
        }
        assertThat(names(named)).containsExactly("data.txt");
    }

    private static List<String> names(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void closing_leavesTheDisk() throws Exception {
        Path copy = directory.resolve("copy.img");
        JobResult result = JobResult.of(JOB, new Outcome.Exited(0), image);
        assertThat(result.moveDiskTo(copy)).isEqualTo(copy);
        DiskReader files = result.files();
        files.close();
        assertThat(result.text("data.txt")).isEqualTo("given");
        result.close();
        result.close();
        assertThat(image).exists().hasSameBinaryContentAs(copy);
        assertThat(result.diskFile()).isEmpty();
        assertThatThrownBy(() -> result.text("data.txt")).hasMessageContaining("is closed");
    }

    @Test
    void whatIsNoDisk_isRefused() throws Exception {
        Path none = Files.writeString(directory.resolve("none.img"), "none");
        assertThatThrownBy(() -> JobResult.of(JOB, new Outcome.Exited(0), none))
                .isInstanceOf(DiskFormatException.class);
    }

    @Test
    void failedResult_quotesItsLog() throws Exception {
        try (JobResult result = JobResult.of(JOB, new Outcome.Exited(3), image)) {
            assertThatThrownBy(result::orThrow)
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("exited with status 3")
                    .hasMessageContaining("two");
        }
    }
}
