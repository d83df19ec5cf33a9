package dev.construir.examples.runners;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.RunListener;
import dev.construir.run.Runner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Keeps the disks of jobs that succeeded, and answers from them when the same job is run again on the same root image.
 */
record CachingRunner(Runner runner, String rootDigest, Path folder) implements Runner {
    static CachingRunner of(Runner runner, Path folder) throws IOException {
        return new CachingRunner(runner, runner.root().orElseThrow().digest(), folder);
    }

    @Override
    public JobResult run(Job job, RunListener listener) throws ConstruirException, InterruptedException {
        if (job.network().outbound()) {
            return runner.run(job, listener); // what it finds there may change
        }
        try {
            Path disk = folder.resolve(job.digest() + "-" + rootDigest + ".img");
            if (Files.exists(disk)) {
                return JobResult.of(job, new Outcome.Exited(0), disk);
            }
            JobResult result = runner.run(job, listener);
            if (!result.outcome().isSuccess()) {
                return result;
            }
            try (result) {
                Path moved = result.moveDiskTo(folder.resolve(result.runId()));
                Files.move(moved, disk, StandardCopyOption.ATOMIC_MOVE);
                return JobResult.of(job, result.outcome(), disk);
            }
        } catch (IOException e) {
            throw new ConstruirException("the cache in " + folder + " cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public Optional<RootImage> root() {
        return runner.root();
    }

    @Override
    public void close() {
        runner.close();
    }
}
