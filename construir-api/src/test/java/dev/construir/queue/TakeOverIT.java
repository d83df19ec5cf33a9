package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.queue.OneJobQueue.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A queue's process is stopped before each step that changes the directories, and another takes its job over. It goes
 * on during the take-over, after the other has run the job, or after the other has died. There is one result, and
 * nothing is left behind.
 */
@Timeout(300)
class TakeOverIT {
    /** Tries some pairs of steps; {@code -Dconstruir.stride=1} tries all. */
    private static final int STRIDE = Integer.getInteger("construir.stride", 11);

    private static final QueueOptions OPTIONS = QueueOptions.DEFAULT
            .withSettle(Duration.ZERO)
            .withRescan(Duration.ofMillis(10))
            .withAttempts(2);
    private static final SilentWatcher STOPPED = new SilentWatcher(1, "host", Duration.ofSeconds(30), List.of());

    @TempDir
    static Path directory;

    private static OneJobQueue trial;

    /** A process that serves the queue, for one job, on a thread. */
    private static final class Server {
        private final StoppingChanges changes = new StoppingChanges();
        private final DirectoryQueue queue;
        private final FutureTask<Boolean> end;
        private final Thread thread;

        Server(Verdict verdict, int steps) throws IOException {
            queue = DirectoryQueue.open(trial.top(), OPTIONS, changes);
            end = new FutureTask<>(() -> serve(verdict));
            thread = new Thread(end);
            changes.arm(steps);
            thread.start();
        }

        /** Returns whether the verdict counted. */
        private boolean serve(Verdict verdict) throws Exception {
            try (queue) {
                Optional<Claim> next = queue.claim(Duration.ZERO);
                if (next.isEmpty()) {
                    return false;
                }
                try (Claim claim = next.get()) {
                    changes.step(); // it may be stopped while it runs the job
                    verdict.on(claim, trial);
                    return true;
                }
            } catch (ClaimLostException e) {
                return false;
            } catch (IOException e) { // the job to take has moved on
                assertThat(e).isInstanceOf(NoSuchFileException.class);
                return false;
            }
        }

        boolean isStopped() throws InterruptedException {
            return changes.awaitStop(thread);
        }

        boolean goOn() throws Exception {
            changes.goOn();
            return end.get(60, TimeUnit.SECONDS);
        }
    }

    @BeforeAll
    static void prepare() throws Exception {
        trial = new OneJobQueue(directory);
    }

    @AfterAll
    static void close() throws Exception {
        trial.close();
    }

    private List<Path> owners() throws IOException {
        try (Stream<Path> owners = Files.list(trial.top().resolve("running"))) {
            return owners.sorted().toList();
        }
    }

    /** At every instant the job is in one place, and in the end there is one result. */
    private void check(String when) throws Exception {
        assertThat(Whereabouts.in(trial.top()).count()).as(when).isEqualTo(1);
        trial.finish(OPTIONS);
        assertThat(Whereabouts.in(trial.top()).results()).as(when).hasSize(1);
        assertThat(Whereabouts.litter(trial.top())).as(when).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "GIVE_BACK_TO_ANOTHER")
    void whoGoesOnWhenItsJobWasRunMakesNoSecondResult(Verdict verdict) throws Exception {
        for (boolean asDirectory : new boolean[] {false, true}) {
            boolean wasStopped = true;
            for (int steps = 0; wasStopped; steps++) {
                String when = (asDirectory ? "directory, " : "file, ") + steps + " steps";
                trial.begin(asDirectory);
                Server stopped = new Server(verdict, steps);
                wasStopped = stopped.isStopped();
                if (wasStopped) {
                    Path owner = owners().get(0);
                    try (DirectoryQueue queue = DirectoryQueue.open(trial.top(), OPTIONS)) {
                        queue.heir().takeOver(owner, STOPPED);
                        OneJobQueue.drain(queue);
                        assertThat(Whereabouts.in(trial.top()).results())
                                .as(when)
                                .hasSize(1);
                    }
                    stopped.goOn();
                }
                check(when);
                assertThat(Whereabouts.in(trial.top()).results()).as(when).containsExactly("job");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "GIVE_BACK_TO_ANOTHER")
    void whoGoesOnWhileItsJobIsTakenMakesNoSecondResult(Verdict verdict) throws Exception {
        for (boolean asDirectory : new boolean[] {false, true}) {
            boolean wasStopped = true;
            for (int steps = 0; wasStopped; steps++) {
                boolean takerStopped = true;
                for (int more = steps % STRIDE; wasStopped && takerStopped; more += STRIDE) {
                    String when =
                            (asDirectory ? "directory, " : "file, ") + steps + " steps, taken after " + more + " steps";
                    trial.begin(asDirectory);
                    Server stopped = new Server(verdict, steps);
                    wasStopped = stopped.isStopped();
                    if (!wasStopped) {
                        break;
                    }
                    Path owner = owners().get(0);
                    StoppingChanges takers = new StoppingChanges();
                    try (DirectoryQueue queue = DirectoryQueue.open(trial.top(), OPTIONS, takers)) {
                        FutureTask<Void> taking = new FutureTask<>(() -> {
                            queue.heir().takeOver(owner, STOPPED);
                            return null;
                        });
                        Thread taker = new Thread(taking);
                        takers.arm(more);
                        taker.start();
                        takerStopped = takers.awaitStop(taker);
                        stopped.goOn();
                        assertThat(Whereabouts.in(trial.top()).count()).as(when).isEqualTo(1);
                        takers.goOn();
                        try {
                            taking.get(60, TimeUnit.SECONDS);
                        } catch (ExecutionException e) { // the owner was quicker
                            assertThat(e.getCause()).as(when).isInstanceOf(IOException.class);
                        }
                    }
                    check(when);
                }
            }
        }
    }

    /** Makes the process's directory that of a dead process. */
    private void bury(Path owner) throws IOException {
        if (Files.exists(owner)) {
            Files.move(owner, owner.resolveSibling("1-1-" + owner.getFileName()));
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "GIVE_BACK_TO_ANOTHER")
    void whoDiesOverATakeOverLosesNothing(Verdict verdict) throws Exception {
        for (boolean asDirectory : new boolean[] {false, true}) {
            boolean wasStopped = true;
            for (int steps = 0; wasStopped; steps++) {
                boolean died = true;
                for (int more = steps % STRIDE; died; more += STRIDE) {
                    String when =
                            (asDirectory ? "directory, " : "file, ") + steps + " steps, dies after " + more + " steps";
                    trial.begin(asDirectory);
                    Server stopped = new Server(verdict, steps);
                    wasStopped = stopped.isStopped();
                    if (!wasStopped) {
                        break;
                    }
                    Path owner = owners().get(0);
                    FaultyChanges takers = new FaultyChanges();
                    Path own;
                    try (DirectoryQueue queue = DirectoryQueue.open(trial.top(), OPTIONS, takers)) {
                        own = owners().stream()
                                .filter(path -> !path.equals(owner))
                                .findFirst()
                                .orElseThrow();
                        takers.arm(more, Integer.MAX_VALUE);
                        queue.heir().takeOver(owner, STOPPED);
                    } catch (IOException e) {
                        assertThat(e).as(when).hasMessage("No space left on device, on purpose");
                        own = owners().stream()
                                .filter(path -> !path.equals(owner))
                                .findFirst()
                                .orElse(owner);
                    }
                    died = takers.failed() > 0;
                    if (!own.equals(owner)) {
                        bury(own);
                    }
                    try (DirectoryQueue queue = DirectoryQueue.open(trial.top(), OPTIONS)) {
                        OneJobQueue.drain(queue);
                        queue.heir().takeOver(owner, STOPPED); // by the next
                        OneJobQueue.drain(queue);
                    }
                    stopped.goOn();
                    check(when);
                }
            }
        }
    }
}
