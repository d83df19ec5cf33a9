package org.example.backend;

import dev.construir.ImageFormat;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.Disk;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** Runs jobs on the hypervisor of this project, to their own ends and into a limit. */
public final class Build {
    private static final Duration LIMIT = Duration.ofMillis(500);

    private Build() {}

    public static void main(String... arguments) throws Exception {
        Path none = Path.of("none.img"); // an echo has no root disk
        RootImage root = new RootImage("none", none, ImageFormat.RAW, Architecture.host(), new Boot.Firmware());
        try (Runner runner = Runner.on(new EchoHypervisor(), root)) {
            run(runner, Job.script("three", "echo hello\nexit 3"), new Outcome.Exited(3), "hello\n");
            run(runner, Job.script("unknown", "make"), new Outcome.Exited(127), "make: not found\n");
            Job sleeper = Job.script("sleeper", "sleep 3600").withLimits(Limits.DEFAULT.withTotal(LIMIT));
            run(runner, sleeper, new Outcome.TimedOut(Outcome.Limit.TOTAL, LIMIT), "");
        }
    }

    private static void run(Runner runner, Job job, Outcome expected, String output) throws Exception {
        try (JobResult result = runner.run(job)) {
            System.out.println(job.name() + ": " + result.outcome().describe());
            if (!result.outcome().equals(expected) || !result.output().text().equals(output)) {
                throw new IllegalStateException("not " + expected + " with " + output);
            }
            if (result.outcome().isConclusive()) {
                byte[] log = result.files().open("construir.log").readAllBytes();
                if (!new String(log, StandardCharsets.UTF_8).equals(output)) {
                    throw new IllegalStateException("not in the log: " + output);
                }
            }
        }
    }
}
