package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.job.Job;
import dev.construir.machine.MachineInfo;
import dev.construir.run.JobResult;
import dev.construir.run.Runner;
import dev.construir.run.Timings;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One run of the job that does nothing.
 *
 * @param begin when it began
 * @param wall how long it took its caller
 * @param machineName its machine's name
 * @param timings how long its parts took
 * @param machine what it ran in
 */
record EmptyRun(Instant begin, Duration wall, String machineName, Timings timings, Optional<MachineInfo> machine) {
    static final Job JOB = Job.script("empty", ":");

    /** Runs it. */
    static EmptyRun by(Runner runner) throws ConstruirException, InterruptedException {
        Instant begin = Instant.now();
        long from = System.nanoTime();
        try (JobResult result = runner.run(JOB)) {
            Duration wall = Duration.ofNanos(System.nanoTime() - from);
            if (Thread.interrupted()) {
                throw new InterruptedException("cancelled");
            }
            result.orThrow();
            return new EmptyRun(begin, wall, "construir-" + result.runId(), result.timings(), result.machine());
        }
    }

    /** Describes what it ran in. */
    String hypervisor() {
        return machine.map(known -> known.hypervisor() + " " + known.version() + " (" + known.accelerator() + ")")
                .orElse("nothing");
    }

    Duration untilResumed() {
        return timings.queued().plus(timings.preparing());
    }

    Duration untilJob() {
        return untilResumed().plus(timings.booting());
    }
}
