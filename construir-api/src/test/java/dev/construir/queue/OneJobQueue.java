package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.ownership.Removal;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;

/** A queue with one job, new for each trial, and the possible verdicts on that job. */
final class OneJobQueue implements AutoCloseable {
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final Job JOB = Job.script("job", "true");

    private final Path top;
    private final Runner runner;
    private final JobResult withDisk;

    OneJobQueue(Path directory) throws Exception {
        RootImage root = FakeHypervisor.image(directory.resolve("root.img"));
        runner = Runner.builder(new FakeHypervisor(FakeGuest.exiting(0)), root)
                .scratch(directory.resolve("scratch"))
                .build();
        withDisk = runner.run(JOB.withResources(Resources.DEFAULT.withDisk(DataSize.ofKibibytes(256))));
        // thousands of files are synced
        top = Files.createTempDirectory(Files.isWritable(MEMORY) ? MEMORY : directory, "queue-");
    }

    /** A verdict on a claim. */
    enum Verdict {
        COMPLETE {
            @Override
            void on(Claim claim, OneJobQueue queue) throws IOException, InterruptedException {
                claim.complete(queue.withDisk);
            }
        },
        COMPLETE_WITHOUT_DISK {
            @Override
            void on(Claim claim, OneJobQueue queue) throws IOException, InterruptedException {
                claim.complete(JobResult.of(JOB, new Outcome.Exited(0)));
            }
        },
        FAIL {
            @Override
            void on(Claim claim, OneJobQueue queue) throws IOException {
                claim.fail("on purpose");
            }
        },
        REJECT {
            @Override
            void on(Claim claim, OneJobQueue queue) throws IOException {
                claim.reject("on purpose");
            }
        },
        GIVE_BACK {
            @Override
            void on(Claim claim, OneJobQueue queue) throws IOException {
                claim.giveBack();
            }
        },
        GIVE_BACK_TO_ANOTHER {
            @Override
            void on(Claim claim, OneJobQueue queue) throws IOException {
                Path rival = queue.top.resolve("queue/job.img");
                if (!Files.exists(rival)) {
                    Files.writeString(rival, "a rival");
                }
                claim.giveBack();
            }
        },
        CLOSE {
            @Override
            void on(Claim claim, OneJobQueue queue) {}
        };

        abstract void on(Claim claim, OneJobQueue queue) throws IOException, InterruptedException;

        boolean isFinal() {
            return this == COMPLETE || this == COMPLETE_WITHOUT_DISK || this == REJECT;
        }

        int jobs() {
            return this == GIVE_BACK_TO_ANOTHER ? 2 : 1;
        }
    }

    Path top() {
        return top;
    }

    /** Empties the queue, and puts the job there. */
    void begin(boolean asDirectory) throws IOException {
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

    /** Runs all waiting jobs, and returns how many there were. */
    static int drain(DirectoryQueue queue) throws Exception {
        int runs = 0;
        for (Optional<Claim> next = queue.claim(Duration.ZERO); next.isPresent(); next = queue.claim(Duration.ZERO)) {
            try (Claim claim = next.get()) {
                runs++;
                claim.complete(JobResult.of(JOB, new Outcome.Exited(0)));
            }
        }
        return runs;
    }

    /** Runs all waiting jobs, waits until all litter is removed, and returns how many jobs ran. */
    int finish(QueueOptions options) throws Exception {
        try (DirectoryQueue queue = DirectoryQueue.open(top, options)) {
            int runs = drain(queue);
            await().pollInterval(Duration.ofMillis(5)).until(() -> {
                assertThat(queue.claim(Duration.ZERO)).isEmpty(); // a claim also scans at intervals
                return Whereabouts.litter(top).size() <= 1; // its own directory
            });
            return runs;
        }
    }

    @Override
    public void close() throws IOException {
        withDisk.close();
        runner.close();
        Removal.delete(top);
    }
}
