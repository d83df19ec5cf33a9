package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import dev.construir.scratch.Removal;
import dev.construir.testing.FakeGuest;
import dev.construir.testing.FakeHypervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A queue's process dies before each of the steps in which it changes the directories, and its heir, too; or each of the steps fails,
 * and the process goes on. No job is lost, doubled, or run when it was done, and nothing is left behind.
 */
@Timeout(120)
class EveryStepIT {
    private static final int FOREVER = Integer.MAX_VALUE;
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final Job JOB = Job.script("job", "true");
    /** Of pairs of steps only some are tried, with {@code -Dconstruir.stride=1} all. */
    private static final int STRIDE = Integer.getInteger("construir.stride", 7);

    private static final QueueOptions OPTIONS =
            QueueOptions.DEFAULT.withSettle(Duration.ZERO).withRescan(Duration.ofMillis(10));

    @TempDir
    static Path directory;

    private static Runner runner;
    private static JobResult withDisk;

    private Path top;

    /** What becomes of a claim. */
    private enum Verdict {
        COMPLETE {
            @Override
            void on(Claim claim, Path top) throws IOException, InterruptedException {
                claim.complete(withDisk);
            }
        },
        COMPLETE_WITHOUT_DISK {
            @Override
            void on(Claim claim, Path top) throws IOException, InterruptedException {
                claim.complete(JobResult.of(JOB, new Outcome.Exited(0)));
            }
        },
        FAIL {
            @Override
            void on(Claim claim, Path top) throws IOException {
                claim.fail("on purpose");
            }
        },
        REJECT {
            @Override
            void on(Claim claim, Path top) throws IOException {
                claim.reject("on purpose");
            }
        },
        GIVE_BACK {
            @Override
            void on(Claim claim, Path top) throws IOException {
                claim.giveBack();
            }
        },
        GIVE_BACK_TO_ANOTHER {
            @Override
            void on(Claim claim, Path top) throws IOException {
                if (!Files.exists(top.resolve("queue/job.img"))) {
                    Files.writeString(top.resolve("queue/job.img"), "a rival");
                }
                claim.giveBack();
            }
        };

        abstract void on(Claim claim, Path top) throws IOException, InterruptedException;

        boolean isFinal() {
            return this == COMPLETE || this == COMPLETE_WITHOUT_DISK || this == REJECT;
        }

        int jobs() {
            return this == GIVE_BACK_TO_ANOTHER ? 2 : 1;
        }
    }

    @BeforeAll
    static void run() throws Exception {
        RootImage root = FakeHypervisor.image(directory.resolve("root.img"));
        runner = Runner.builder(new FakeHypervisor(FakeGuest.exiting(0)), root)
                .scratch(directory.resolve("scratch"))
                .build();
        withDisk = runner.run(JOB.withResources(Resources.DEFAULT.withDisk(DataSize.ofKibibytes(256))));
    }

    @AfterAll
    static void close() throws Exception {
        withDisk.close();
        runner.close();
    }

    @BeforeEach
    void prepare() throws IOException {
        // thousands of files are synced
        top = Files.createTempDirectory(Files.isWritable(MEMORY) ? MEMORY : directory, "queue-");
    }

    @AfterEach
    void remove() throws IOException {
        Removal.delete(top);
    }

    private void begin(boolean asDirectory) throws IOException {
        Removal.delete(top);
        Files.createDirectories(top.resolve("queue"));
        Path job = top.resolve("queue/job.img");
        if (asDirectory) {
            Files.createDirectories(job.resolve("bin"));
            Files.writeString(job.resolve("bin/construir"), "the job");
        } else {
            Files.writeString(job, "the job");
        }
        Files.setLastModifiedTime(job, FileTime.fromMillis(1_000_000));
    }

    /** Claims a job and passes a verdict on it. Returns whether that held. */
    private boolean serve(Changes changes, Verdict verdict) throws Exception {
        boolean held = false;
        try (DirectoryQueue queue = DirectoryQueue.open(top, OPTIONS, changes);
                Claim claim = queue.claim(Duration.ZERO).orElseThrow(() -> new IOException("nothing to claim"))) {
            verdict.on(claim, top);
            held = true;
        } catch (IOException e) {
            assertThat(e).hasMessageMatching("No space left on device, on purpose|nothing to claim");
        }
        return held;
    }

    /** The process's directory becomes that of another, who is dead. */
    private void bury(String name) throws IOException {
        try (Stream<Path> owners = Files.list(top.resolve("running"))) {
            for (Path owner : owners.toList()) {
                if (!owner.getFileName().toString().startsWith("1-1-")) {
                    Files.move(owner, owner.resolveSibling("1-1-" + name));
                }
            }
        }
    }

    /** Runs what is left to run, and returns how much that was. */
    private int drain() throws Exception {
        int runs = 0;
        try (DirectoryQueue queue = DirectoryQueue.open(top, OPTIONS)) {
            for (Optional<Claim> next = queue.claim(Duration.ZERO);
                    next.isPresent();
                    next = queue.claim(Duration.ZERO)) {
                try (Claim claim = next.get()) {
                    runs++;
                    claim.complete(JobResult.of(JOB, new Outcome.Exited(0)));
                }
            }
            await().pollInterval(Duration.ofMillis(5)).until(() -> {
                assertThat(queue.claim(Duration.ZERO)).isEmpty(); // and looks through everything now and then
                return Whereabouts.litter(top).size() <= 1; // its own directory
            });
        }
        return runs;
    }

    private void check(Verdict verdict, boolean held, String when) throws Exception {
        int jobs = Math.max(1, Math.min(verdict.jobs(), Whereabouts.in(top).count()));
        assertThat(Whereabouts.in(top).count()).as(when).isEqualTo(jobs);
        boolean isDone = Whereabouts.in(top).results().size() == 1;
        int runs = drain();
        if (held && verdict.isFinal()) {
            assertThat(isDone).as(when).isTrue();
        }
        Whereabouts at = Whereabouts.in(top);
        assertThat(at.results()).as(when).hasSize(jobs);
        assertThat(at.count()).as(when).isEqualTo(jobs);
        assertThat(runs).as(when).isLessThanOrEqualTo(isDone ? 0 : jobs);
        assertThat(Whereabouts.litter(top)).as(when).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whoDiesLosesNothing(Verdict verdict) throws Exception {
        for (boolean asDirectory : new boolean[] {false, true}) {
            boolean died = true;
            for (int steps = 0; died; steps++) {
                begin(asDirectory);
                FaultyChanges changes = new FaultyChanges();
                changes.arm(steps, FOREVER);
                boolean held = serve(changes, verdict);
                died = changes.failed() > 0;
                bury("first");
                check(verdict, held, (asDirectory ? "directory, " : "file, ") + steps + " steps");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoseHeirDiesLosesNothing(Verdict verdict) throws Exception {
        for (boolean asDirectory : new boolean[] {false, true}) {
            boolean died = true;
            for (int steps = 1; died; steps += STRIDE) {
                boolean heirDied = true;
                for (int more = steps / STRIDE % STRIDE; heirDied; more += STRIDE) {
                    begin(asDirectory);
                    FaultyChanges changes = new FaultyChanges();
                    changes.arm(steps, FOREVER);
                    boolean held = serve(changes, verdict);
                    died = changes.failed() > 0;
                    bury("first");
                    FaultyChanges heirs = new FaultyChanges();
                    heirs.arm(more, FOREVER);
                    held |= serve(heirs, verdict == Verdict.GIVE_BACK_TO_ANOTHER ? Verdict.GIVE_BACK : verdict);
                    heirDied = heirs.failed() > 0;
                    bury("second");
                    check(verdict, held, (asDirectory ? "directory, " : "file, ") + steps + " and " + more + " steps");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatFailsIsTriedAgain(Verdict verdict) throws Exception {
        for (boolean asDirectory : new boolean[] {false, true}) {
            int times = asDirectory ? 3 : 1;
            boolean failed = true;
            for (int steps = 0; failed; steps++) {
                begin(asDirectory);
                FaultyChanges changes = new FaultyChanges();
                String when = (asDirectory ? "directory, " : "file, ") + steps + " steps, " + times + " faults";
                try (DirectoryQueue queue = DirectoryQueue.open(top, OPTIONS, changes)) {
                    changes.arm(steps, times);
                    persist(queue, verdict);
                    failed = changes.failed() > 0;
                    changes.heal();
                    while (!Whereabouts.in(top).claimed().isEmpty()) {
                        Optional<Claim> next = queue.claim(Duration.ofMillis(10)); // which sweeps now and then
                        if (next.isPresent()) {
                            next.get().close();
                        }
                    }
                    assertThat(Whereabouts.in(top).count()).as(when).isEqualTo(verdict.jobs());
                }
                check(verdict, verdict.isFinal(), when);
            }
        }
    }

    /** An interrupt may keep a verdict from being passed, but not a job from going back. */
    @ParameterizedTest
    @EnumSource
    void whoIsInterruptedGivesBack(Verdict verdict) throws Exception {
        boolean wasInterrupted = true;
        for (int steps = 0; wasInterrupted; steps++) {
            begin(false);
            FaultyChanges changes = new FaultyChanges();
            boolean held = false;
            try (DirectoryQueue queue = DirectoryQueue.open(top, OPTIONS, changes)) {
                changes.armInterrupt(steps);
                try (Claim claim = queue.claim(Duration.ZERO).orElseThrow()) {
                    verdict.on(claim, top);
                    held = true;
                } catch (InterruptedException e) {
                    assertThat(e).hasNoSuppressedExceptions();
                }
                wasInterrupted = changes.failed() > 0;
                boolean unused = Thread.interrupted();
                changes.heal();
                assertThat(Whereabouts.in(top).claimed()).as(steps + " steps").isEmpty();
                assertThat(Whereabouts.in(top).count()).as(steps + " steps").isEqualTo(verdict.jobs());
            }
            check(verdict, held, steps + " steps");
        }
    }

    /** Does what a worker does: what throws is done again. */
    private void persist(DirectoryQueue queue, Verdict verdict) throws Exception {
        for (boolean held = false; !held; ) {
            try (Claim claim = queue.claim(Duration.ofSeconds(10)).orElseThrow()) {
                while (!held) {
                    try {
                        verdict.on(claim, top);
                        held = true;
                    } catch (IOException e) {
                        assertThat(e).hasMessage("No space left on device, on purpose");
                    }
                }
            } catch (IOException e) {
                assertThat(e).hasMessage("No space left on device, on purpose");
            }
        }
    }
}
