package dev.construir.examples.readme;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.qemu.QemuHypervisor;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Run;
import dev.construir.run.Runner;
import java.nio.file.Path;
import java.time.Duration;

/** Holds what the README shows, so that it compiles; {@link ReadmeTest} sees that both are the same. */
final class ReadmeSamples {
    private ReadmeSamples() {}

    static void fiveLines() throws Exception {
        try (Runner runner = Runner.on(QemuHypervisor.create(), RootImage.in(Path.of("debian")));
                JobResult result = runner.run(Job.fromDirectory(Path.of("hello")))) {
            result.files().copyTo(Path.of("out"));
            System.out.println(result.outcome().describe());
        }
    }

    static Runner more(Runner runner) throws Exception {
        // a job built in code, with limits and resources
        Job job = Job.script("tests", "make -C src check")
                .withLimits(Limits.DEFAULT.withTotal(Duration.ofMinutes(20)).withIdle(Duration.ofMinutes(2)))
                .withResources(Resources.DEFAULT.withCpus(2).withMemory(DataSize.ofGibibytes(2)));

        // in the background, with events; cancel() is idempotent, close() cancels, waits and cleans up
        try (Run run = runner.start(job, event -> System.err.println(event))) {
            Outcome outcome = run.await().outcome();
        }

        // a runner that tries once more when it was not the job's own fault
        Runner retrying = (j, listener) -> {
            JobResult first = runner.run(j, listener);
            if (first.outcome().jobsOwn()) {
                return first;
            }
            first.close();
            return runner.run(j, listener);
        };
        return retrying;
    }
}
