package dev.construir.examples.runners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.machine.MachineExit;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.RunListener;
import dev.construir.run.Runner;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
@SuppressWarnings("NullAway.Init")
class RunnersTest {
    @TempDir
    Path directory;

    /** Returns a runner whose machines have these guests, one after the other. */
    private Runner machines(FakeGuest... guests) throws Exception {
        RootImage root = FakeHypervisor.image(directory.resolve("root.img"));
        Iterator<FakeGuest> next = List.of(guests).iterator();
        return Runner.builder(new FakeHypervisor(machine -> next.next().run(machine)), root)
                .scratch(directory.resolve("scratch"))
                .build();
    }

    private static void job(Path folder) throws Exception {
        Path script = Files.createDirectories(folder.resolve("bin")).resolve("construir");
        Files.writeString(script, "#!/bin/sh\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static String table(Runner runner, Path folder) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new JobTable(runner, new PrintStream(bytes, true, StandardCharsets.UTF_8)).print(folder);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"JobTable", "SecondChance"})
    void haveAtMostThirtyLines(String runner) throws Exception {
        Path source = Path.of("src/main/java/dev/construir/examples/runners/" + runner + ".java");
        assertThat(Files.readAllLines(source)).hasSizeBetween(10, 30);
    }

    @Test
    void aHypervisorOfOnesOwnHasLessThanAHundred() throws Exception {
        Path source = Path.of("consumers/backend/src/main/java/org/example/backend/EchoHypervisor.java");
        assertThat(Files.readAllLines(source)).hasSizeBetween(10, 99);
    }

    @Test
    void theTableHasARowForEveryJob() throws Exception {
        Path folder = directory.resolve("jobs");
        for (String job : List.of("crash", "fail", "pass")) {
            job(folder.resolve(job));
        }
        Files.createFile(folder.resolve("README"));
        FakeGuest crashing = machine -> new MachineExit.Panicked();
        try (Runner runner = machines(crashing, FakeGuest.exiting(3), FakeGuest.exiting(0))) {
            assertThat(table(runner, folder)
                            .lines()
                            .map(row -> row.replaceAll(" +", " ").strip()))
                    .containsExactly(
                            "JOB OUTCOME EXIT TIME",
                            "crash the guest's kernel panicked 125 0",
                            "fail exited with status 3 3 0",
                            "pass exited with status 0 0 0");
        }
    }

    @Test
    void aJobThatCannotBeRunHasARowToo() throws Exception {
        job(directory.resolve("jobs/odd"));
        Runner runner = (job, listener) -> {
            throw new ConstruirException("no machine for " + job.name());
        };
        assertThat(table(runner, directory.resolve("jobs")))
                .contains("no machine for odd")
                .containsPattern("125 +\n");
    }

    @Test
    void aSecondChanceIsForWhatIsNotTheJobsOwn() throws Exception {
        FakeGuest crashing = machine -> new MachineExit.Panicked();
        try (Runner runner = new SecondChance(machines(crashing, FakeGuest.exiting(3)), Duration.ofMinutes(1));
                JobResult result = runner.run(Job.script("test", "true"))) {
            assertThat(result.outcome()).isEqualTo(new Outcome.Exited(3));
        }
        assertThat(directory.resolve("scratch")).isEmptyDirectory();
    }

    @Test
    void theSecondResultCounts() throws Exception {
        FakeGuest crashing = machine -> new MachineExit.Panicked();
        FakeGuest resetting = machine -> new MachineExit.Rebooted();
        try (Runner runner = new SecondChance(machines(crashing, resetting), Duration.ofMinutes(1));
                JobResult result = runner.run(Job.script("test", "true"))) {
            assertThat(result.outcome().describe()).isEqualTo("the guest rebooted");
        }
    }

    @Test
    void whatIsTheJobsOwnOrCancelledIsNotTriedAgain() throws Exception {
        for (Outcome outcome :
                List.of(new Outcome.Exited(1), new Outcome.Signalled(9), (Outcome) new Outcome.Cancelled())) {
            List<Job> runs = new ArrayList<>();
            Runner counted = (job, listener) -> {
                runs.add(job);
                return JobResult.of(job, outcome);
            };
            assertThat(new SecondChance(counted, Duration.ofMinutes(1))
                            .run(Job.script("test", ""))
                            .outcome())
                    .isEqualTo(outcome);
            assertThat(runs).hasSize(1);
        }
    }

    @Test
    void cachingRunner_runsTheSameJobOnce() throws Exception {
        Path folder = Files.createDirectory(directory.resolve("cache"));
        Job job = Job.script("test", "true");
        try (Runner runner = CachingRunner.of(machines(FakeGuest.exiting(0), FakeGuest.exiting(0)), folder)) {
            for (int time = 0; time < 3; time++) { // there are guests for two runs only
                try (JobResult result = runner.run(time == 1 ? job.withLimits(Limits.DEFAULT) : job)) {
                    assertThat(result.orThrow().text("construir.status")).contains("state=ended");
                }
            }
            runner.run(Job.script("test", "false")).close();
        }
        try (var disks = Files.list(folder)) {
            assertThat(disks).hasSize(2);
        }
        assertThat(directory.resolve("scratch")).isEmptyDirectory();
    }

    @Test
    void cachingRunner_keepsNoFailures() throws Exception {
        Path folder = Files.createDirectory(directory.resolve("cache"));
        Job job = Job.script("test", "true");
        try (Runner runner = CachingRunner.of(machines(FakeGuest.exiting(3), FakeGuest.exiting(0)), folder)) {
            assertThat(runner.run(job).outcome()).isEqualTo(new Outcome.Exited(3));
            assertThat(folder).isEmptyDirectory();
            assertThat(runner.run(job).outcome()).isEqualTo(new Outcome.Exited(0));
        }
    }

    @Test
    void theLimitIsTheShorterOne() throws Exception {
        Runner quick = (job, listener) -> JobResult.of(job, new Outcome.Exited(0));
        Runner runner = new SecondChance(quick, Duration.ofMinutes(1));
        Job job = Job.script("test", "");
        Job quicker = job.withLimits(Limits.DEFAULT.withTotal(Duration.ofSeconds(5)));
        assertThat(runner.run(job).job().limits()).isEqualTo(Limits.DEFAULT.withTotal(Duration.ofMinutes(1)));
        assertThat(runner.run(quicker).job().limits().total()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void anExceptionIsPassedOn() {
        Runner none = (job, listener) -> {
            throw new ConstruirException("nothing to run it on");
        };
        assertThatThrownBy(
                        () -> new SecondChance(none, Duration.ofMinutes(1)).run(Job.script("a", ""), RunListener.NONE))
                .isInstanceOf(ConstruirException.class)
                .hasMessage("nothing to run it on");
    }
}
