package dev.construir.qemu.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.disk.read.ExtractReport;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.run.JobResult;
import dev.construir.run.Runner;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a real kernel leaves on a disk tells what the job created or changed. */
@Timeout(120)
class OutputsIT {
    private static final String SHELL = """
            cat untouched/read >/dev/null && ls -l untouched >/dev/null
            echo new >made/new
            mkdir made/empty
            echo more >>appended
            echo same >overwritten && touch -d '2020-01-01 00:00:00' overwritten
            chmod 600 mode
            mv name renamed
            mv directory moved
            ln linked linked-again
            ln -s made link
            rm again && echo again >again && touch -d '2020-01-01 00:00:00' again
            ln -sfn other pointed
            rm cleaned/file
            touch cleaned/passing && rm cleaned/passing
            chmod 700 closed
            mkdir swapped.new && echo x >swapped.new/file && rm -r swapped && mv swapped.new swapped
            cp -p untouched/read copied
            """;

    @TempDir
    Path temp;

    private Path job = Path.of("");

    private void file(String name) throws Exception {
        Path file = job.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "same\n");
        // What touch -d sets back is what was there.
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    }

    @Test
    void whatWasCreatedOrChangedComesBack() throws Exception {
        job = temp.resolve("job");
        for (String name : List.of(
                "untouched/read",
                "untouched/deep/er",
                "made/old",
                "appended",
                "overwritten",
                "mode",
                "name",
                "directory/deep/file",
                "linked",
                "again",
                "cleaned/file",
                "closed/file",
                "swapped/file")) {
            file(name);
        }
        Files.createSymbolicLink(job.resolve("pointed"), Path.of("made"));
        Files.createSymbolicLink(job.resolve("untouched/link"), Path.of("read"));
        Files.createLink(job.resolve("untouched/hard"), job.resolve("untouched/read"));

        Path out = temp.resolve("out");
        try (Runner runner = RealMachines.tiny(temp.resolve("scratch"));
                JobResult result = runner.run(Job.script(job, "set -e\n" + SHELL)
                        .withResources(RealMachines.SMALL)
                        .withLimits(Limits.DEFAULT.withTotal(Duration.ofMinutes(3))))) {
            assertThat(result.outcome().isSuccess()).as(result.output().text()).isTrue();
            ExtractReport report = result.copyOutputsTo(out);
            assertThat(report.skipped()).isEmpty();
        }
        try (var paths = Files.walk(out)) {
            assertThat(paths.skip(1).map(path -> out.relativize(path).toString()))
                    .containsExactlyInAnyOrder(
                            "again",
                            "appended",
                            "closed",
                            "construir.log",
                            "copied",
                            "link",
                            "linked",
                            "linked-again",
                            "made",
                            "made/empty",
                            "made/new",
                            "mode",
                            "moved",
                            "moved/deep",
                            "moved/deep/file",
                            "overwritten",
                            "pointed",
                            "renamed",
                            "swapped",
                            "swapped/file");
        }
        assertThat(Files.readSymbolicLink(out.resolve("pointed"))).isEqualTo(Path.of("other"));
        assertThat(Files.exists(out.resolve("untouched"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
        assertThat(Files.isSameFile(out.resolve("linked"), out.resolve("linked-again")))
                .isTrue();
    }
}
