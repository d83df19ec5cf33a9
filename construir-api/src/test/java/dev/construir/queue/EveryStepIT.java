package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.queue.OneJobQueue.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A queue's process dies before each step that changes the directories, and so does its heir; or each step fails, and
 * the process goes on. No job is lost, doubled or run again after it is done, and nothing is left behind.
 */
@Timeout(120)
class EveryStepIT {
    private static final int FOREVER = Integer.MAX_VALUE;
    /** Tries some pairs of steps; {@code -Dconstruir.stride=1} tries all. */
    private static final int STRIDE = Integer.getInteger("construir.stride", 7);

    private static final QueueOptions OPTIONS =
            QueueOptions.DEFAULT.withSettle(Duration.ZERO).withRescan(Duration.ofMillis(10));

    @TempDir
    static Path directory;

    private static OneJobQueue trial;

    @BeforeAll
    static void prepare() throws Exception {
        trial = new OneJobQueue(directory);
    }

    @AfterAll
    static void close() throws Exception {
        trial.close();
    }

    /** Claims a job and passes a verdict on it. Returns whether the verdict counted. */
    private boolean serve(DurableFileOps changes, Verdict verdict) throws Exception {
        boolean held = false;
        try (DirectoryQueue queue = DirectoryQueue.open(trial.top(), OPTIONS, changes);
                Claim claim = queue.claim(Duration.ZERO).orElseThrow(() -> new IOException("nothing to claim"))) {
            verdict.on(claim, trial);
            held = true;
        } catch (IOException e) {
            assertThat(e).hasMessageMatching("No space left on device, on purpose|nothing to claim");
        }
        return held;
    }

    /** Makes the process's directory that of a dead process. */
    private void bury(String name) throws IOException {
        try (Stream<Path> owners = Files.list(trial.top().resolve("running"))) {
            for (Path owner : owners.toList()) {
                if (!owner.getFileName().toString().startsWith("1-1-")) {
                    Files.move(owner, owner.resolveSibling("1-1-" + name));
                }
            }
        }
    }

    private void check(Verdict verdict, boolean held, String when) throws Exception {
        int jobs =
                Math.max(1, Math.min(verdict.jobs(), Whereabouts.in(trial.top()).count()));
        assertThat(Whereabouts.in(trial.top()).count()).as(when).isEqualTo(jobs);
        boolean isDone = Whereabouts.in(trial.top()).results().size() == 1;
        int runs = trial.finish(OPTIONS);
        if (held && verdict.isFinal()) {
            assertThat(isDone).as(when).isTrue();
        }
        Whereabouts at = Whereabouts.in(trial.top());
        assertThat(at.results()).as(when).hasSize(jobs);
        assertThat(at.count()).as(when).isEqualTo(jobs);
        assertThat(runs).as(when).isLessThanOrEqualTo(isDone ? 0 : jobs);
        assertThat(Whereabouts.litter(trial.top())).as(when).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whoDiesLosesNothing(Verdict verdict) throws Exception {
        for (boolean asDirectory : new boolean[] {false, true}) {
            boolean died = true;
            for (int steps = 0; died; steps++) {
                trial.begin(asDirectory);
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
                    trial.begin(asDirectory);
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
                trial.begin(asDirectory);
                FaultyChanges changes = new FaultyChanges();
                String when = (asDirectory ? "directory, " : "file, ") + steps + " steps, " + times + " faults";
                try (DirectoryQueue queue = DirectoryQueue.open(trial.top(), OPTIONS, changes)) {
                    changes.arm(steps, times);
                    persist(queue, verdict);
                    failed = changes.failed() > 0;
                    changes.heal();
                    while (!Whereabouts.in(trial.top()).claimed().isEmpty()) {
                        Optional<Claim> next = queue.claim(Duration.ofMillis(10)); // a claim also sweeps at intervals
                        if (next.isPresent()) {
                            next.get().close();
                        }
                    }
                    assertThat(Whereabouts.in(trial.top()).count()).as(when).isEqualTo(verdict.jobs());
                }
                check(verdict, verdict.isFinal(), when);
            }
        }
    }

    /** An interrupt may prevent a verdict, but not the return of the job. */
    @ParameterizedTest
    @EnumSource
    void whoIsInterruptedGivesBack(Verdict verdict) throws Exception {
        boolean wasInterrupted = true;
        for (int steps = 0; wasInterrupted; steps++) {
            trial.begin(false);
            FaultyChanges changes = new FaultyChanges();
            boolean held = false;
            try (DirectoryQueue queue = DirectoryQueue.open(trial.top(), OPTIONS, changes)) {
                changes.armInterrupt(steps);
                try (Claim claim = queue.claim(Duration.ZERO).orElseThrow()) {
                    verdict.on(claim, trial);
                    held = true;
                } catch (InterruptedException e) {
                    assertThat(e).hasNoSuppressedExceptions();
                }
                wasInterrupted = changes.failed() > 0;
                boolean unused = Thread.interrupted();
                changes.heal();
                assertThat(Whereabouts.in(trial.top()).claimed())
                        .as(steps + " steps")
                        .isEmpty();
                assertThat(Whereabouts.in(trial.top()).count())
                        .as(steps + " steps")
                        .isEqualTo(verdict.jobs());
            }
            check(verdict, held, steps + " steps");
        }
    }

    /** Does what a worker does: tries again what throws. */
    private void persist(DirectoryQueue queue, Verdict verdict) throws Exception {
        for (boolean held = false; !held; ) {
            try (Claim claim = queue.claim(Duration.ofSeconds(10)).orElseThrow()) {
                while (!held) {
                    try {
                        verdict.on(claim, trial);
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
