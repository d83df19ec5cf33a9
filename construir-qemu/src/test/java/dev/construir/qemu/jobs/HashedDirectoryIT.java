package dev.construir.qemu.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guest's kernel finds, makes and removes names in the index that we write. */
@Timeout(120)
class HashedDirectoryIT {
    private static final int NAMES = 30_000;

    @TempDir
    Path scratch;

    /** The kernel tells by an error, and refuses, what in an index is not as it should be. */
    @Test
    void isUsedByAGuest() throws Exception {
        String shell = """
                set -e
                cd many
                for i in 0 1 77 4096 15000 29999; do test -f "a name of its own, $i"; rm "a name of its own, $i"; done
                test ! -e "a name of its own, 30000"
                i=0
                while [ $i -lt 400 ]; do : > "made by the guest, $i"; i=$((i + 1)); done
                echo 3 > /proc/sys/vm/drop_caches
                test -f "made by the guest, 399"
                test ! -e "a name of its own, 77"
                ls | wc -l
                """;
        byte[] script = ("#!/bin/sh\n" + shell).getBytes(StandardCharsets.UTF_8);
        Attributes attributes = Attributes.ofRoot(0755, Instant.EPOCH);
        Job job = Job.of("many", disk -> {
                    disk.file("bin/construir", attributes, script.length, new ByteArrayInputStream(script));
                    disk.file("file", attributes, 0, InputStream.nullInputStream());
                    for (int i = 0; i < NAMES; i++) {
                        disk.hardLink("many/a name of its own, " + i, "file");
                    }
                })
                .withResources(Resources.DEFAULT.withDisk(DataSize.ofMebibytes(32)));
        try (Runner runner = RealMachines.runner("tiny", scratch);
                JobResult result = runner.run(job)) {
            assertThat(result.outcome()).as(result.output().text()).isEqualTo(new Outcome.Exited(0));
            assertThat(result.output().text().strip()).isEqualTo(String.valueOf(NAMES - 6 + 400));
            assertThat(result.console().text()).doesNotContain("EXT4-fs error", "EXT4-fs warning");
            assertThat(result.files().find("/many/made by the guest, 0")).isPresent();
            assertThat(result.files().find("/many/a name of its own, 4096")).isEmpty();
        }
    }
}
