package dev.construir.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.machine.Network;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobDigestTest {
    private static final Job JOB =
            Job.script("test", "make").withResources(Resources.DEFAULT.withDisk(DataSize.ofMebibytes(1)));

    @Test
    void digest_ofTheSameContent_isTheSame() throws Exception {
        Job same = Job.script("another name", "make").withResources(JOB.resources());
        assertThat(JOB.digest()).matches("[0-9a-f]{64}").isEqualTo(JOB.digest()).isEqualTo(same.digest());
        assertThat(JOB.withLimits(Limits.DEFAULT.withTotal(Duration.ofSeconds(1)))
                        .digest())
                .isEqualTo(JOB.digest());
    }

    @Test
    void digest_dependsOnAllThatDeterminesTheResult() throws Exception {
        Resources resources = JOB.resources();
        Set<String> digests = new TreeSet<>();
        List<Job> jobs = List.of(
                JOB,
                Job.script("test", "make check").withResources(resources),
                JOB.withResources(resources.withCpus(2)),
                JOB.withResources(resources.withMemory(DataSize.ofMebibytes(64))),
                JOB.withResources(resources.withDisk(DataSize.ofMebibytes(2))),
                JOB.withNetwork(Network.OUTBOUND),
                JOB.withOutputs(Outputs.ALL),
                JOB.withOutputs(Outputs.matching("a", "b")),
                JOB.withOutputs(Outputs.matching("ab")));
        for (Job job : jobs) {
            digests.add(job.digest());
        }
        assertThat(digests).hasSameSizeAs(jobs);
    }

    @Test
    void digest_ofADirectory_followsContentAndTimes(@TempDir Path directory) throws Exception {
        Path script = Files.createDirectories(directory.resolve("bin")).resolve("construir");
        Files.writeString(script, "#!/bin/sh\n");
        Files.setLastModifiedTime(script, FileTime.from(Instant.EPOCH));
        Job job = Job.fromDirectory(directory).withResources(JOB.resources());
        String before = job.digest();
        assertThat(job.digest()).isEqualTo(before);
        Files.setLastModifiedTime(script, FileTime.from(Instant.EPOCH.plusSeconds(1)));
        String touched = job.digest();
        assertThat(touched).isNotEqualTo(before);
        Files.delete(script);
        assertThatThrownBy(job::digest).isInstanceOf(NotAJobException.class);
    }

    /** Writes a disk with zeros or holes around one byte. */
    private record Raw(boolean sparse, long place) implements Job {
        private static final int SIZE = 3 << 20;

        @Override
        public String name() {
            return "raw";
        }

        @Override
        public void createDisk(Path file, DataSize size) throws IOException {
            try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
                if (!sparse) {
                    disk.write(new byte[SIZE]);
                }
                disk.setLength(SIZE);
                disk.seek(place);
                disk.write(1);
            }
        }
    }

    @Test
    void zeros_areTheSameAsHoles() throws Exception {
        for (long place : new long[] {0, 1 << 20, (2 << 20) + 5, Raw.SIZE - 1}) {
            assertThat(new Raw(true, place).digest())
                    .isEqualTo(new Raw(false, place).digest())
                    .isNotEqualTo(new Raw(false, 4097).digest());
        }
    }

    @Test
    void interrupt_endsIt() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(JOB::digest).isInstanceOf(ClosedByInterruptException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
