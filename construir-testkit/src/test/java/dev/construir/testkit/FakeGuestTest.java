package dev.construir.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.job.Job;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FakeGuestTest {
    @TempDir
    Path directory;

    @SuppressWarnings("NullAway.Init") // each test makes its own
    private Runner runner;

    private JobResult run(FakeGuest guest) throws Exception {
        runner = Runner.on(new FakeHypervisor(guest), FakeHypervisor.image(directory.resolve("root.img")));
        return runner.run(Job.script("sum", "echo 42 > sum.txt"));
    }

    @AfterEach
    void close() {
        runner.close();
    }

    private static String read(JobResult result, String path) throws IOException {
        try (var in = result.files().open(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void leaving_runsTheJob_keepsItsDiskAndAddsTheFile() throws Exception {
        try (JobResult result = run(FakeGuest.leaving("sum.txt", "42"))) {
            assertThat(result.outcome().isSuccess()).isTrue();
            assertThat(read(result, "sum.txt")).isEqualTo("42");
            assertThat(read(result, "bin/construir")).contains("echo 42 > sum.txt");
        }
    }

    @Test
    void exiting_withAStatus_isTheOutcome() throws Exception {
        try (JobResult result = run(FakeGuest.exiting(3))) {
            assertThat(result.outcome()).isEqualTo(new Outcome.Exited(3));
            assertThat(result.output().text()).isEqualTo("hello\n");
        }
    }

    @Test
    void write_overAFileThatIsThere_replacesIt() throws Exception {
        FakeGuest guest = machine -> {
            machine.write("sum.txt", "1");
            machine.write("sum.txt", "longer than before");
            return FakeGuest.leaving("other.txt", "").run(machine);
        };
        try (JobResult result = run(guest)) {
            assertThat(read(result, "sum.txt")).isEqualTo("longer than before");
        }
    }
}
