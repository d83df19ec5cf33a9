package dev.construir.examples.runners;

import dev.construir.ConstruirException;
import dev.construir.job.Job;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.RunListener;
import dev.construir.run.Runner;
import java.time.Duration;

/** Allows a job less time than it asks for, and one more try where its end was not conclusive. */
record SecondChance(Runner runner, Duration limit) implements Runner {
    @Override
    public JobResult run(Job job, RunListener listener) throws ConstruirException, InterruptedException {
        boolean shorter = limit.compareTo(job.limits().total()) < 0;
        Job limited = shorter ? job.withLimits(job.limits().withTotal(limit)) : job;
        JobResult first = runner.run(limited, listener);
        if (first.outcome().isConclusive() || first.outcome() instanceof Outcome.Cancelled) {
            return first;
        }
        first.close();
        return runner.run(limited, listener);
    }

    @Override
    public void close() {
        runner.close();
    }
}
