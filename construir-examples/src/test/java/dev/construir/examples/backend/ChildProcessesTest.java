package dev.construir.examples.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.machine.Hypervisor;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.RunListener;
import dev.construir.run.Runner;
import dev.construir.testkit.FakeHypervisor;
import dev.construir.testkit.GuestBehaviour;
import dev.construir.testkit.HypervisorContract;
import dev.construir.testkit.OutcomesContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A backend without machines keeps what every backend keeps, but for what it does not claim. */
@Timeout(60)
class ChildProcessesTest {
    /** Without a job disk the program is the guest: a script in the place of a root disk. */
    @Nested
    class Contract extends HypervisorContract {
        @Override
        protected Hypervisor createHypervisor(Path scratch) {
            return new ChildProcesses(
                    scratch,
                    (spec, job, environment) -> new ProcessBuilder(
                            "setpriv",
                            "--pdeathsig",
                            "KILL",
                            "--",
                            "sh",
                            spec.disks().get(0).file().toString()));
        }

        @Override
        protected void createRootDisk(GuestBehaviour behaviour, Path file) throws IOException {
            String then = switch (behaviour) {
                case POWER_OFF -> "exit 0";
                case RESET -> "exit 1";
                case HANG, ECHO -> "exec sleep 1000";
                case SPIN -> "while :; do :; done";
                case FLOOD -> "exec yes";
                case PRINT -> "head -c 65536 /dev/zero | tr '\\0' x";
            };
            Files.writeString(file, "echo construir: ready\n" + then + "\n");
        }

        @Override
        protected boolean startsAtOnce() {
            return true;
        }

        @Override
        protected boolean canType() {
            return false;
        }

        @Override
        protected boolean measuresDisks() {
            return false;
        }
    }

    @TempDir
    static Path directory;

    private static Runner runner;

    @BeforeAll
    static void open() throws Exception {
        runner = Runner.builder(
                        new ChildProcesses(directory.resolve("processes")),
                        FakeHypervisor.image(directory.resolve("root.img")))
                .scratch(directory.resolve("runs"))
                .build();
    }

    @AfterAll
    static void close() {
        runner.close();
    }

    @Nested
    class Outcomes extends OutcomesContract {
        @Override
        protected Runner runner() {
            return runner;
        }

        @Override
        protected String accelerator() {
            return "none";
        }

        @Override
        protected Outcome killedBySignal9() {
            return new Outcome.Exited(137);
        }
    }

    private static Job job(String script) {
        return Job.of(
                        "test",
                        disk -> disk.executable("bin/construir", "#!/bin/sh\n" + script + "\n")
                                .file("given/a", "a")
                                .file("given/b", "b")
                                .symbolicLink("link", Attributes.ofRoot(0777, Instant.EPOCH), "/etc"))
                .withResources(Resources.DEFAULT.withDisk(DataSize.ofMebibytes(1)));
    }

    private static List<String> outputs(String script) throws Exception {
        Path out = Files.createTempDirectory(directory, "out");
        try (JobResult result = runner.run(job(script)).orThrow()) {
            result.copyOutputsTo(out);
            assertThat(result.files().readLink("/link")).isEqualTo("/etc");
        }
        try (Stream<Path> files = Files.walk(out)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> out.relativize(file).toString())
                    .toList();
        }
    }

    @Test
    void outputs_areWhatTheJobChanged() throws Exception {
        assertThat(outputs("mkdir new; echo 1 >new/file; echo c >>given/b"))
                .containsExactlyInAnyOrder("construir.log", "new/file", "given/b");
        assertThat(outputs("touch -r given/a stamp; echo x >given/a; touch -r stamp given/a; rm stamp"))
                .containsExactlyInAnyOrder("construir.log", "given/a");
    }

    @Test
    void environment_isThatOfTheContract() throws Exception {
        try (JobResult result = runner.run(job("pwd; env | sort")).orThrow()) {
            assertThat(result.outputLines())
                    .contains(
                            "CONSTRUIR=1", "CONSTRUIR_RUN=" + result.runId(), "HOME=/root", "LANG=C.UTF-8", "TERM=dumb")
                    .noneMatch(line -> line.startsWith("JAVA_HOME="));
            assertThat(result.outputLines().get(0)).startsWith(directory.toString());
        }
    }

    @Test
    void daemon_thatIsLeftBehind_isKilled() throws Exception {
        long before = sleepers();
        try (JobResult result = runner.run(job("setsid sleep 987 & echo done"))) {
            assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
            assertThat(result.output().text()).isEqualTo("done\n");
        }
        await().until(() -> sleepers() == before);
    }

    private static long sleepers() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains("sleep 987"))
                .count();
    }

    @Test
    void link_inPlaceOfADirectory_showsNothingOfTheHost() throws Exception {
        Path host = Files.createDirectories(directory.resolve("host"));
        Files.writeString(host.resolve("a"), "secret");
        try (JobResult result = runner.run(job("rm -r given; ln -s " + host + " given"), RunListener.NONE)
                .orThrow()) {
            assertThat(result.files().readLink("/given")).isEqualTo(host.toString());
            assertThat(result.files().find("/given/a")).isEmpty();
        }
    }

    @Test
    void job_thatFillsItsDisk_isNoSuccess() throws Exception {
        try (JobResult result = runner.run(job("head -c 4000000 /dev/urandom >large"))) {
            assertThat(result.outcome())
                    .isInstanceOfSatisfying(
                            Outcome.HypervisorDied.class,
                            died -> assertThat(died.toString()).contains("could not be written to its disk"));
        }
    }
}
