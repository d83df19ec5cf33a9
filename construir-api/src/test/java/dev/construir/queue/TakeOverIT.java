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
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
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
 * A queue's process is stopped before each of the steps in which it changes the directories, its job is taken over, and it goes on: while the other
 * takes over, when the other has run the job, or when the other has died over it. There is one result, and nothing is left behind.
 */
@Timeout(300)
class TakeOverIT {
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final Job JOB = Job.script("job", "true");
    /** Of pairs of steps only some are tried, with {@code -Dconstruir.stride=1} all. */
    private static final int STRIDE = Integer.getInteger("construir.stride", 11);

    private static final QueueOptions OPTIONS = QueueOptions.DEFAULT
            .withSettle(Duration.ZERO)
            .withRescan(Duration.ofMillis(10))
            .withAttempts(2);
    private static final SilentWatcher STOPPED = new SilentWatcher(1, "host", Duration.ofSeconds(30), List.of());

    @TempDir
    static Path directory;

    private static Runner runner;
    private static JobResult withDisk;

    private Path top;

    /** What the process that is stopped wants to do with its claim. */
    private enum Verdict {
        COMPLETE {
            @Override
            void on(Claim claim) throws IOException, InterruptedException {
                claim.complete(withDisk);
            }
        },
        COMPLETE_WITHOUT_DISK {
            @Override
            void on(Claim claim) throws IOException, InterruptedException {
                claim.complete(JobResult.of(JOB, new Outcome.Exited(0)));
            }
        },
        FAIL {
            @Override
            void on(Claim claim) throws IOException {
                claim.fail("on purpose");
            }
        },
        REJECT {
            @Override
            void on(Claim claim) throws IOException {
                claim.reject("on purpose");
            }
        },
        GIVE_BACK {
            @Override
            void on(Claim claim) throws IOException {
                claim.giveBack();
            }
        },
        CLOSE {
            @Override
            void on(Claim claim) {}
        };

        abstract void on(Claim claim) throws IOException, InterruptedException;
    }

    /** A process that serves the queue, for one job, on a thread. */
    private final class Server {
        private final StoppingChanges changes = new StoppingChanges();
        private final DirectoryQueue queue;
        private final FutureTask<Boolean> end;
        private final Thread thread;

        Server(Verdict verdict, int steps) throws IOException {
            queue = DirectoryQueue.open(top, OPTIONS, changes);
            end = new FutureTask<>(() -> serve(verdict));
            thread = new Thread(end);
            changes.arm(steps);
            thread.start();
        }

        /** Returns whether the verdict held. */
        private boolean serve(Verdict verdict) throws Exception {
            try (queue) {
                Optional<Claim> next = queue.claim(Duration.ZERO);
                if (next.isEmpty()) {
                    return false;
                }
                try (Claim claim = next.get()) {
                    changes.step(); // it may be stopped while it runs the job
                    verdict.on(claim);
                    return true;
                }
            } catch (ClaimLostException e) {
                return false;
            } catch (IOException e) { // it was to take the job that has moved on
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

    private List<Path> owners() throws IOException {
        try (Stream<Path> owners = Files.list(top.resolve("running"))) {
            return owners.sorted().toList();
        }
    }

    /** Runs what there is to run. */
    private int drain(DirectoryQueue queue) throws Exception {
        int runs = 0;
        for (Optional<Claim> next = queue.claim(Duration.ZERO); next.isPresent(); next = queue.claim(Duration.ZERO)) {
            try (Claim claim = next.get()) {
                runs++;
                claim.complete(JobResult.of(JOB, new Outcome.Exited(0)));
            }
        }
        return runs;
    }

    /** At every instant the job is in one place, and in the end there is one result. */
    private void check(String when) throws Exception {
        assertThat(Whereabouts.in(top).count()).as(when).isEqualTo(1);
        try (DirectoryQueue queue = DirectoryQueue.open(top, OPTIONS)) {
            drain(queue);
            await().pollInterval(Duration.ofMillis(5)).until(() -> {
                assertThat(queue.claim(Duration.ZERO)).isEmpty(); // and looks through everything now and then
                return Whereabouts.litter(top).size() <= 1; // its own directory
            });
        }
        assertThat(Whereabouts.in(top).results()).as(when).hasSize(1);
        assertThat(Whereabouts.litter(top)).as(when).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whoGoesOnWhenItsJobWasRunMakesNoSecondResult(Verdict verdict) throws Exception {
        for (boolean asDirectory : new boolean[] {false, true}) {
            boolean wasStopped = true;
            for (int steps = 0; wasStopped; steps++) {
                String when = (asDirectory ? "directory, " : "file, ") + steps + " steps";
                begin(asDirectory);
                Server stopped = new Server(verdict, steps);
                wasStopped = stopped.isStopped();
                if (wasStopped) {
                    Path owner = owners().get(0);
                    try (DirectoryQueue queue = DirectoryQueue.open(top, OPTIONS)) {
                        queue.heir().takeOver(owner, STOPPED);
                        drain(queue);
                        assertThat(Whereabouts.in(top).results()).as(when).hasSize(1);
                    }
                    stopped.goOn();
                }
                check(when);
                assertThat(Whereabouts.in(top).results()).as(when).containsExactly("job");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoGoesOnWhileItsJobIsTakenMakesNoSecondResult(Verdict verdict) throws Exception {
        for (boolean asDirectory : new boolean[] {false, true}) {
            boolean wasStopped = true;
            for (int steps = 0; wasStopped; steps++) {
                boolean takerStopped = true;
                for (int more = steps % STRIDE; wasStopped && takerStopped; more += STRIDE) {
                    String when =
                            (asDirectory ? "directory, " : "file, ") + steps + " steps, taken after " + more + " steps";
                    begin(asDirectory);
                    Server stopped = new Server(verdict, steps);
                    wasStopped = stopped.isStopped();
                    if (!wasStopped) {
                        break;
                    }
                    Path owner = owners().get(0);
                    StoppingChanges takers = new StoppingChanges();
                    try (DirectoryQueue queue = DirectoryQueue.open(top, OPTIONS, takers)) {
                        FutureTask<Void> taking = new FutureTask<>(() -> {
                            queue.heir().takeOver(owner, STOPPED);
                            return null;
                        });
                        Thread taker = new Thread(taking);
                        takers.arm(more);
                        taker.start();
                        takerStopped = takers.awaitStop(taker);
                        stopped.goOn();
                        assertThat(Whereabouts.in(top).count()).as(when).isEqualTo(1);
                        takers.goOn();
                        try {
                            taking.get(60, TimeUnit.SECONDS);
                        } catch (ExecutionException e) { // its owner was quicker
                            assertThat(e.getCause()).as(when).isInstanceOf(IOException.class);
                        }
                    }
                    check(when);
                }
            }
        }
    }

    /** The process's directory becomes that of another, who is dead. */
    private void bury(Path owner) throws IOException {
        if (Files.exists(owner)) {
            Files.move(owner, owner.resolveSibling("1-1-" + owner.getFileName()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoDiesOverATakeOverLosesNothing(Verdict verdict) throws Exception {
        for (boolean asDirectory : new boolean[] {false, true}) {
            boolean wasStopped = true;
            for (int steps = 0; wasStopped; steps++) {
                boolean died = true;
                for (int more = steps % STRIDE; died; more += STRIDE) {
                    String when =
                            (asDirectory ? "directory, " : "file, ") + steps + " steps, dies after " + more + " steps";
                    begin(asDirectory);
                    Server stopped = new Server(verdict, steps);
                    wasStopped = stopped.isStopped();
                    if (!wasStopped) {
                        break;
                    }
                    Path owner = owners().get(0);
                    FaultyChanges takers = new FaultyChanges();
                    Path own;
                    try (DirectoryQueue queue = DirectoryQueue.open(top, OPTIONS, takers)) {
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
                    try (DirectoryQueue queue = DirectoryQueue.open(top, OPTIONS)) {
                        drain(queue);
                        queue.heir().takeOver(owner, STOPPED); // by the next
                        drain(queue);
                    }
                    stopped.goOn();
                    check(when);
                }
            }
        }
    }
}
