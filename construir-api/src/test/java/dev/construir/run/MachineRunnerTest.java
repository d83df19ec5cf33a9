package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.read.DiskReader;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Outputs;
import dev.construir.job.Resources;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.MachineExit;
import dev.construir.run.Outcome.Limit;
import dev.construir.run.Outcome.StatusFault;
import dev.construir.run.Outcome.TimedOut;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import dev.construir.thread.Uninterrupted;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MachineRunnerTest {
    private static final Job JOB =
            Job.script("test", "true").withResources(Resources.DEFAULT.withDisk(DataSize.ofMebibytes(1)));
    private static final FakeGuest HANGING = machine -> machine.hang();

    @TempDir
    Path temp;

    private Path scratch;
    private RootImage root;

    @BeforeEach
    void image() throws IOException {
        scratch = temp.resolve("scratch");
        root = FakeHypervisor.image(temp.resolve("root.img"));
    }

    private Runner.Builder builder(FakeGuest guest) {
        return Runner.builder(new FakeHypervisor(guest), root).scratch(scratch);
    }

    private Runner runner(FakeGuest guest) throws ConstruirException {
        return builder(guest).build();
    }

    private Outcome outcomeOf(FakeGuest guest, Job job) throws Exception {
        try (Runner runner = runner(guest);
                JobResult result = runner.run(job)) {
            return result.outcome();
        }
    }

    private static RunClock clockAhead(AtomicLong nanos) {
        return new RunClock() {
            @Override
            public Instant instant() {
                return Instant.EPOCH;
            }

            @Override
            public long nanoTime() {
                return System.nanoTime() + nanos.get();
            }
        };
    }

    private long scratchEntries() throws IOException {
        try (var files = Files.walk(scratch)) {
            return files.filter(f -> f.getFileName().toString().startsWith("job-"))
                    .count();
        }
    }

    @Test
    void events_ofTwoRuns_carryTheirJobAndRun() throws Exception {
        List<RunEvent> events = Collections.synchronizedList(new ArrayList<>());
        Job other = JOB.withLimits(Limits.DEFAULT.withTotal(Duration.ofMinutes(1)));
        try (Runner runner = runner(FakeGuest.exiting(0));
                JobResult first = runner.run(JOB, events::add);
                JobResult second = runner.run(other, events::add)) {
            assertThat(events)
                    .hasSize(12)
                    .filteredOn(event -> event.job() == JOB)
                    .hasSize(6)
                    .allSatisfy(event -> assertThat(event.runId()).isEqualTo(first.runId()));
            assertThat(events)
                    .filteredOn(event -> event.job() == other)
                    .hasSize(6)
                    .allSatisfy(event -> assertThat(event.runId()).isEqualTo(second.runId()));
        }
    }

    @Test
    void runsAJobAndGivesItsDiskBack() throws Exception {
        List<RunEvent> events = Collections.synchronizedList(new ArrayList<>());
        try (Runner runner = runner(FakeGuest.exiting(0));
                JobResult result = runner.run(JOB, events::add)) {
            assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
            assertThat(result.orThrow()).isSameAs(result);
            assertThat(result.output().text()).isEqualTo("hello\n");
            assertThat(result.console().text()).startsWith("construir: ready\n");
            assertThat(result.machine().orElseThrow().hypervisor()).isEqualTo("fake");
            try (DiskReader closedByItsUser = result.files()) {
                assertThat(closedByItsUser.find("/construir.status")).isPresent();
            }
            assertThat(result.files().find("/construir.status")).isPresent();
            assertThat(result.timings().total()).isPositive();
            assertThat(scratchEntries()).isEqualTo(1);
            result.close();
            assertThat(scratchEntries()).isZero();
            assertThatThrownBy(result::files).hasMessageContaining("removed");
        }
        assertThat(events)
                .extracting(e -> (Object) e.getClass())
                .containsExactly(
                        RunEvent.Queued.class,
                        RunEvent.Booting.class,
                        RunEvent.JobStarted.class,
                        RunEvent.Output.class,
                        RunEvent.JobEnded.class,
                        RunEvent.MachineGone.class);
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void theRunsIdentityIsTheDisksSerialAndNew() throws Exception {
        try (Runner runner = runner(FakeGuest.exiting(0));
                JobResult one = runner.run(JOB);
                JobResult two = runner.run(JOB)) {
            assertThat(one.runId()).matches("job-[0-9a-f]{12}").isNotEqualTo(two.runId());
        }
    }

    @Test
    void aDiskCanBeMovedAwayOnce() throws Exception {
        try (Runner runner = runner(FakeGuest.exiting(3));
                JobResult result = runner.run(JOB)) {
            Path kept = result.moveDiskTo(temp.resolve("kept.img"));
            assertThat(kept).isRegularFile();
            assertThatThrownBy(() -> result.moveDiskTo(temp.resolve("again.img")))
                    .hasMessageContaining("was moved");
            assertThatThrownBy(result::orThrow)
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("exited with status 3")
                    .hasMessageContaining("hello");
        }
        assertThat(temp.resolve("kept.img")).isRegularFile();
    }

    @Test
    void anOpenResultGoesWithItsRunner() throws Exception {
        Runner runner = runner(FakeGuest.exiting(0));
        JobResult result = runner.run(JOB);
        runner.close();
        assertThat(scratch).isEmptyDirectory();
        assertThatThrownBy(result::files).isInstanceOf(IOException.class);
        result.close();
        assertThatThrownBy(() -> runner.run(JOB)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aStaleStatusIsNoSuccess() throws Exception {
        FakeGuest forger = machine -> {
            machine.leaveStatus("run=job-000000000000\nstate=ended\nexit=0\n");
            return new MachineExit.PoweredOff();
        };
        assertThat(outcomeOf(forger, JOB)).isEqualTo(new Outcome.NoStatus(StatusFault.STALE));
    }

    @Test
    void aJobDiskWithoutAStatusIsNoSuccess() throws Exception {
        assertThat(outcomeOf(machine -> new MachineExit.PoweredOff(), JOB))
                .isEqualTo(new Outcome.NoStatus(StatusFault.MISSING));
    }

    @Test
    void everyLimitKills() throws Exception {
        Duration shortly = Duration.ofMillis(300);
        assertThat(outcomeOf(HANGING, JOB.withLimits(Limits.DEFAULT.withTotal(shortly))))
                .isEqualTo(new TimedOut(Limit.TOTAL, shortly));
        assertThat(outcomeOf(HANGING, JOB.withLimits(Limits.DEFAULT.withBoot(shortly))))
                .isEqualTo(new TimedOut(Limit.BOOT, shortly));
        FakeGuest idle = machine -> {
            machine.console("construir: started " + machine.serial() + "\n");
            return machine.hang();
        };
        assertThat(outcomeOf(idle, JOB.withLimits(Limits.DEFAULT.withIdle(shortly))))
                .isEqualTo(new TimedOut(Limit.IDLE, shortly));
        FakeGuest lingering = machine -> {
            machine.console("construir: started " + machine.serial() + "\n");
            machine.leaveStatus("run=" + machine.serial() + "\nstate=ended\nexit=0\n");
            machine.console("construir: ended " + machine.serial() + "\n");
            return machine.hang();
        };
        assertThat(outcomeOf(lingering, JOB.withLimits(Limits.DEFAULT.withShutdown(shortly))))
                .isEqualTo(new TimedOut(Limit.SHUTDOWN, shortly));
        FakeGuest loud = machine -> {
            machine.output("x".repeat(2000));
            return machine.hang();
        };
        assertThat(outcomeOf(loud, JOB.withLimits(Limits.DEFAULT.withOutput(DataSize.ofKibibytes(1)))))
                .isEqualTo(new Outcome.TooMuchOutput(DataSize.ofKibibytes(1)));
    }

    @Test
    void cancellingEndsTheRun() throws Exception {
        CountDownLatch booting = new CountDownLatch(1);
        try (Runner runner = runner(HANGING);
                Run run = runner.start(JOB, event -> {
                    if (event instanceof RunEvent.Booting) {
                        booting.countDown();
                    }
                })) {
            booting.await();
            assertThat(run.result()).isNotDone();
            assertThat(run.cancel()).isTrue();
            assertThat(run.await().outcome()).isEqualTo(new Outcome.Cancelled());
            assertThat(run.cancel()).isFalse();
            assertThat(run.result().get().outcome().exitCode()).isEqualTo(130);
        }
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void aLateCancelIsACancel() throws Exception {
        AtomicLong ahead = new AtomicLong();
        RunClock hasty = clockAhead(ahead);
        try (Runner runner = builder(HANGING).clock(hasty).build();
                Run run = runner.start(JOB, event -> {
                    if (event instanceof RunEvent.Booting) {
                        ahead.set(Duration.ofMinutes(2).toNanos());
                    }
                })) {
            await().until(() -> ahead.get() > 0);
            run.cancel();
            assertThat(run.await().outcome()).isEqualTo(new Outcome.Cancelled());
        }
    }

    @Test
    void cancellingARunThatWaitsForOthersEndsIt() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        try (Runner runner = builder(HANGING).maxConcurrent(1).build();
                Run first = runner.start(JOB, event -> {
                    if (event instanceof RunEvent.Booting) {
                        busy.countDown();
                    }
                })) {
            busy.await();
            Run second = runner.start(JOB);
            second.cancel();
            assertThat(second.await().outcome()).isEqualTo(new Outcome.Cancelled());
            assertThat(first.result()).isNotDone();
        }
    }

    @Test
    void aMachineThatCannotBeKilledIsLostAndHoldsNobodyUp() throws Exception {
        AtomicLong ahead = new AtomicLong();
        CountDownLatch released = new CountDownLatch(1);
        RunClock hasty = clockAhead(ahead);
        FakeGuest undead = machine -> {
            try {
                released.await();
            } catch (InterruptedException killed) {
                ahead.set(Duration.ofMinutes(2).toNanos());
                machine.console("construir: started " + machine.serial() + "\n"); // has the run look at its clock
                Uninterrupted.run(released::await);
            }
            return new MachineExit.PoweredOff();
        };
        Runner runner = builder(undead).clock(hasty).build();
        try (Run run = runner.start(JOB.withLimits(Limits.DEFAULT.withTotal(Duration.ofMillis(100))))) {
            assertThat(run.await().outcome()).isInstanceOf(Outcome.MachineLost.class);
        } finally {
            released.countDown();
            runner.close();
        }
    }

    @Test
    void aResultMayBeClosedByWhatDependsOnIt() throws Exception {
        try (Runner runner = runner(FakeGuest.exiting(0))) {
            Run run = runner.start(JOB);
            run.result().thenRun(run::close).get(30, TimeUnit.SECONDS);
            assertThat(scratchEntries()).isZero();
        }
    }

    @Test
    void anInterruptThatAStreamConsumedIsStillACancel() throws Exception {
        Job consuming = Job.of("consuming", disk -> {
            throw new InterruptedIOException("consumed");
        });
        try (Runner runner = runner(HANGING);
                JobResult result = runner.run(consuming)) {
            assertThat(result.outcome()).isEqualTo(new Outcome.Cancelled());
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aGuestThatSpeaksOutOfTurnChangesNoOrder() throws Exception {
        List<RunEvent> events = Collections.synchronizedList(new ArrayList<>());
        FakeGuest hasty = machine -> {
            machine.console("construir: ended " + machine.serial() + "\n");
            return FakeGuest.exiting(0).run(machine);
        };
        try (Runner runner = runner(hasty);
                JobResult result = runner.run(JOB, events::add)) {
            assertThat(result.outcome().isSuccess()).isTrue();
        }
        assertThat(events)
                .extracting(e -> (Object) e.getClass())
                .containsSubsequence(RunEvent.JobStarted.class, RunEvent.JobEnded.class, RunEvent.MachineGone.class);
    }

    @Test
    void anInterruptIsACancelThatKeepsTheFlag() throws Exception {
        Thread tester = Thread.currentThread();
        try (Runner runner = runner(HANGING);
                JobResult result = runner.run(JOB, event -> {
                    if (event instanceof RunEvent.Booting) {
                        tester.interrupt();
                    }
                })) {
            assertThat(Thread.interrupted()).isTrue();
            assertThat(result.outcome()).isEqualTo(new Outcome.Cancelled());
            assertThat(result.machine()).isPresent();
        }
    }

    @Test
    void anInterruptedThreadRunsNothing() throws Exception {
        try (Runner runner = runner(HANGING)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> runner.run(JOB)).isInstanceOf(InterruptedException.class);
        }
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void closingTheRunnerCancelsWhatIsUnderWay() throws Exception {
        CountDownLatch booting = new CountDownLatch(2);
        Runner runner = runner(HANGING);
        RunListener listener = event -> {
            if (event instanceof RunEvent.Booting) {
                booting.countDown();
            }
        };
        Run one = runner.start(JOB, listener);
        Run two = runner.start(JOB, listener);
        booting.await();
        runner.close();
        assertThat(one.await().outcome()).isEqualTo(new Outcome.Cancelled());
        assertThat(two.await().outcome()).isEqualTo(new Outcome.Cancelled());
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void noMoreMachinesRunAtOnceThanAllowed() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        FakeGuest guest = machine -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            try {
                return FakeGuest.exiting(0).run(machine);
            } finally {
                running.decrementAndGet();
            }
        };
        try (Runner runner = builder(guest).maxConcurrent(2).build()) {
            List<Run> runs = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                runs.add(runner.start(JOB));
            }
            for (Run run : runs) {
                assertThat(run.await().outcome().isSuccess()).isTrue();
            }
        }
        assertThat(most).hasValueBetween(1, 2);
    }

    @Test
    void whatPreventsARunIsAnExceptionThatLeavesNothing() throws Exception {
        Job broken = Job.of("broken", disk -> {
            throw new IOException("no content today");
        });
        try (Runner runner = runner(HANGING)) {
            assertThatThrownBy(() -> runner.run(broken))
                    .isInstanceOf(ConstruirException.class)
                    .hasMessageContaining("broken")
                    .hasMessageContaining("no content today");
            Files.delete(root.disk());
            assertThatThrownBy(() -> runner.run(JOB)).isInstanceOf(HypervisorException.class);
            assertThatThrownBy(() -> runner.start(JOB).await()).isInstanceOf(HypervisorException.class);
            assertThat(scratchEntries()).isZero();
        }
    }

    @Test
    void aJobThatCannotBeginStartsNoMachine() throws Exception {
        AtomicInteger machines = new AtomicInteger();
        List<RunEvent> events = Collections.synchronizedList(new ArrayList<>());
        FakeGuest counting = machine -> {
            machines.incrementAndGet();
            return new MachineExit.PoweredOff();
        };
        try (Runner runner = runner(counting)) {
            assertThatThrownBy(() -> runner.run(Job.of("empty", disk -> {}), events::add))
                    .isInstanceOfSatisfying(
                            BadJobException.class,
                            bad -> assertThat(bad.exitCode()).isEqualTo(127))
                    .hasMessageContaining("job empty")
                    .hasMessageContaining("bin/construir");
            assertThat(events).hasSize(1).first().isInstanceOf(RunEvent.Queued.class);
            assertThat(machines).hasValue(0);
            assertThat(scratchEntries()).isZero();
        }
    }

    @Test
    void aDiskThatCannotBeReadIsTheGuestsBusiness() throws Exception {
        Job foreign = new Job() {
            @Override
            public String name() {
                return "foreign";
            }

            @Override
            public void createDisk(Path file, DataSize size) throws IOException {
                Files.writeString(file, "no ext2");
            }
        };
        assertThat(outcomeOf(FakeGuest.exiting(0), foreign).isSuccess()).isTrue();
        try (Runner runner = runner(FakeGuest.exiting(0));
                JobResult result = runner.run(foreign)) {
            assertThat(result.copyOutputsTo(temp.resolve("out")).files()).isZero(); // the status is not the job's
        }
    }

    /** Whoever cleans up /var/tmp may take it away under a run. */
    @Test
    void aScratchDirectoryThatVanishesIsNoSuccess() throws Exception {
        FakeGuest sweeping = machine -> {
            machine.leaveStatus("run=" + machine.serial() + "\nstate=ended\nexit=0\n");
            try (var all = Files.walk(scratch)) {
                for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
            return new MachineExit.PoweredOff();
        };
        try (Runner runner = runner(sweeping)) {
            try (JobResult result = runner.run(JOB)) {
                assertThat(result.outcome())
                        .isInstanceOfSatisfying(
                                Outcome.NoStatus.class,
                                none -> assertThat(none.why()).isEqualTo(StatusFault.UNREADABLE_DISK));
                assertThat(result.outcome().describe())
                        .contains("job.img: no disk image: there is no such file")
                        .doesNotContain("Exception");
                assertThatThrownBy(result::files)
                        .isInstanceOf(IOException.class)
                        .hasMessageStartingWith("job test has no disk: ");
            }
            assertThatThrownBy(() -> runner.run(JOB))
                    .isInstanceOf(ConstruirException.class)
                    .hasMessageContainingAll("no scratch directory for job test", "was not removed")
                    .hasMessageNotContaining("Exception");
        }
        assertThat(scratch).doesNotExist();
    }

    @Test
    void outputsComeBack() throws Exception {
        FakeGuest working = machine -> {
            MachineExit exit = FakeGuest.exiting(0).run(machine);
            Path disk = machine.spec().disks().get(1).file();
            Path before = disk.resolveSibling("before.img");
            JOB.createDisk(before, DataSize.ofMebibytes(1));
            Path worked = disk.resolveSibling("worked.img");
            Job.of("worked", builder -> {
                        try (DiskReader reader = DiskReader.open(before);
                                var script = reader.open("/bin/construir")) {
                            var entry = reader.find("/bin/construir").orElseThrow();
                            builder.file("bin/construir", entry.attributes(), entry.size(), script);
                        }
                        for (String made : List.of("made/by/job", "construir.log", "construir.status")) {
                            builder.file(
                                    made,
                                    Attributes.ofRoot(0644, Instant.EPOCH),
                                    1,
                                    new ByteArrayInputStream(new byte[1]));
                        }
                    })
                    .createDisk(worked, DataSize.ofMebibytes(1));
            Files.move(worked, disk, StandardCopyOption.REPLACE_EXISTING);
            return exit;
        };
        assertThat(outputs(working, JOB)).containsExactly("construir.log", "made", "made/by", "made/by/job");
        assertThat(outputs(working, JOB.withOutputs(Outputs.ALL)))
                .contains("bin/construir", "construir.status")
                .doesNotContain("lost+found");
        assertThat(outputs(working, JOB.withOutputs(Outputs.matching("**/job"))))
                .containsExactly("made", "made/by", "made/by/job");
        try (Runner runner = runner(working);
                JobResult result = runner.run(JOB.withOutputs(Outputs.matching("*.jar", "*.log")))) {
            assertThat(result.copyOutputsTo(temp.resolve("some")).unmatched()).containsExactly("*.jar");
        }
        assertThatThrownBy(() -> JobResult.of(JOB, new Outcome.Exited(0)).copyOutputsTo(temp.resolve("none")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has no disk");
    }

    private List<String> outputs(FakeGuest guest, Job job) throws Exception {
        Path out = Files.createTempDirectory(temp, "out");
        try (Runner runner = runner(guest);
                JobResult result = runner.run(job)) {
            result.copyOutputsTo(out);
        }
        try (var paths = Files.walk(out)) {
            return paths.skip(1)
                    .map(path -> out.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aFailingListenerFailsNothing() throws Exception {
        try (Runner runner = runner(FakeGuest.exiting(0));
                JobResult result = runner.run(JOB, event -> {
                    throw new IllegalStateException("on purpose");
                })) {
            assertThat(result.outcome().isSuccess()).isTrue();
        }
    }

    @Test
    void aDecoratorIsALambda() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        FakeGuest flaky = machine -> runs.incrementAndGet() == 1
                ? new MachineExit.Died(139, "segmentation fault")
                : FakeGuest.exiting(0).run(machine);
        try (Runner inner = runner(flaky)) {
            Runner retrying = (job, listener) -> {
                JobResult first = inner.run(job, listener);
                if (first.outcome().isConclusive()) {
                    return first;
                }
                first.close();
                return inner.run(job, listener);
            };
            try (JobResult result = retrying.run(JOB)) {
                assertThat(result.outcome().isSuccess()).isTrue();
            }
        }
        assertThat(runs).hasValue(2);
    }

    @Test
    void noThreadOutlivesItsRun() throws Exception {
        try (Runner runner = runner(FakeGuest.exiting(0))) {
            for (int i = 0; i < 5; i++) {
                runner.run(JOB, event -> {}).close();
            }
            await().atMost(10, TimeUnit.SECONDS)
                    .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                            .extracting(Thread::getName)
                            .noneMatch(name -> name.startsWith("construir-") || name.startsWith("fake-")));
        }
    }
}
