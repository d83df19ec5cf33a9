package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.job.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Runs several jobs at once, and cancels all of them if it is interrupted or one fails in a way that no job has a share
 * in.
 */
final class RunAll {
    private RunAll() {}

    static RunSummary run(Runner runner, List<? extends Job> jobs, RunListener listener) throws InterruptedException {
        Objects.requireNonNull(listener, "listener");
        List<Job> all = List.copyOf(jobs);
        List<Run> runs = new ArrayList<>();
        boolean complete = false;
        try {
            for (Job job : all) {
                runs.add(runner.start(job, listener));
            }
            List<RunSummary.Entry> entries = new ArrayList<>();
            for (int i = 0; i < all.size(); i++) {
                entries.add(await(all.get(i), runs.get(i)));
            }
            complete = true;
            return new RunSummary(entries);
        } finally {
            if (!complete) {
                runs.forEach(Run::cancel);
                runs.forEach(Run::close);
            }
        }
    }

    private static RunSummary.Entry await(Job job, Run run) throws InterruptedException {
        try {
            return new RunSummary.Entry(job, Optional.of(run.await()), Optional.empty());
        } catch (ConstruirException e) {
            return new RunSummary.Entry(job, Optional.empty(), Optional.of(e));
        }
    }
}
