package dev.construir.examples.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorProvider;
import dev.construir.machine.MachineBudget;
import dev.construir.queue.DirectoryQueue;
import dev.construir.queue.QueueOptions;
import dev.construir.queue.QueueWorkers;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Run;
import dev.construir.run.Runner;
import dev.construir.run.RunnerPool;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import dev.construir.testkit.OutcomesContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Holds the examples in the javadoc of construir-api and construir-testkit, so that they compile. */
final class ApiSamples {
    private ApiSamples() {}

    static Job job() {
        Job job = Job.fromDirectory(Path.of("hello")).withLimits(Limits.DEFAULT.withTotal(Duration.ofMinutes(10)));
        return job;
    }

    static void runner(Hypervisor hypervisor) throws Exception {
        try (Runner runner = Runner.on(hypervisor, RootImage.in(Path.of("debian")));
                JobResult result = runner.run(Job.fromDirectory(Path.of("hello")))) {
            System.out.println(result.outcome().describe());
        }
    }

    static void run(Runner runner, Job job) throws Exception {
        try (Run run = runner.start(job)) {
            JobResult result = run.await();
            System.out.println(result.outcome().describe());
        }
    }

    static void outcome(JobResult result) {
        if (result.outcome() instanceof Outcome.TimedOut late) {
            System.err.println("no end within " + late.limit().toSeconds() + " s");
        } else if (!result.outcome().isSuccess()) {
            System.err.println(result.outcome().describe("hello"));
        }
    }

    static void pool(Runner near, Runner far, Job job) throws Exception {
        try (Runner pool = RunnerPool.builder()
                        .add("near", near, 4)
                        .add("far", far, 16)
                        .build();
                JobResult result = pool.run(job)) {
            System.out.println(result.outcome().describe());
        }
    }

    static void image() throws Exception {
        RootImage root = RootImage.in(Path.of("debian"));
        System.out.println(root.name() + " " + root.digest());
    }

    static List<Runner> budget(Hypervisor hypervisor, RootImage debianImage, RootImage tinyImage) throws Exception {
        MachineBudget budget = MachineBudget.of(4, DataSize.ofGibibytes(8), 4);
        Runner debian = Runner.builder(hypervisor, debianImage).budget(budget).build();
        Runner tiny = Runner.builder(hypervisor, tinyImage).budget(budget).build();
        return List.of(debian, tiny);
    }

    static void provider() throws Exception {
        Path scratch = Scratch.defaultRoot();
        for (HypervisorProvider provider : HypervisorProvider.installed()) {
            try (Hypervisor hypervisor = provider.create(Optional.empty(), scratch)) {
                System.out.println(
                        provider.name() + ": " + hypervisor.diagnose().isUsable());
            }
        }
    }

    static void queue(Runner runner) throws Exception {
        try (DirectoryQueue queue = DirectoryQueue.open(Path.of("/srv/jobs"), QueueOptions.DEFAULT);
                QueueWorkers workers = QueueWorkers.on(queue, runner).jobs(4).start()) {
            Thread.sleep(Duration.ofHours(8).toMillis());
            workers.drain();
        }
    }

    static void scratch() throws Exception {
        try (Scratch scratch = Scratch.open(Scratch.defaultRoot().resolve("example"), leftover -> {});
                ScratchDirectory directory = scratch.directory("work")) {
            Files.writeString(directory.path().resolve("note"), "removed at the end");
        }
    }

    static void fake(Path directory) throws Exception {
        Hypervisor fake = new FakeHypervisor(FakeGuest.leaving("sum.txt", "42"));
        try (Runner runner = Runner.on(fake, FakeHypervisor.image(directory.resolve("root.img")));
                JobResult result = runner.run(Job.script("sum", "echo 42 > sum.txt"))) {
            assertThat(result.outcome().isSuccess()).isTrue();
        }
    }

    static OutcomesContract outcomes(Runner runner) {
        class MyOutcomes extends OutcomesContract {
            @Override
            protected Runner runner() {
                return runner;
            }
        }
        return new MyOutcomes();
    }
}
