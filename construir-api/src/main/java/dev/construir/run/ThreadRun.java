package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.job.Job;
import dev.construir.thread.Uninterrupted;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A run on a platform thread of its own, cancelled by interrupting that thread. */
final class ThreadRun implements Run {
    private final CompletableFuture<JobResult> result = new CompletableFuture<>();
    private final Thread thread;

    private ThreadRun(Runner runner, Job job, RunListener listener) {
        thread = new Thread(() -> perform(runner, job, listener), "construir-run-" + job.name());
        thread.setDaemon(true);
    }

    static ThreadRun start(Runner runner, Job job, RunListener listener) {
        Objects.requireNonNull(listener, "listener");
        ThreadRun run = new ThreadRun(runner, job, listener);
        run.thread.start();
        return run;
    }

    private void perform(Runner runner, Job job, RunListener listener) {
        try {
            result.complete(runner.run(job, listener));
        } catch (InterruptedException e) {
            result.complete(JobResult.of(job, new Outcome.Cancelled())); // this thread ends here
        } catch (Throwable e) { // some languages throw checked exceptions that are not declared
            result.completeExceptionally(e);
        }
    }

    @Override
    public CompletableFuture<JobResult> result() {
        return result.copy();
    }

    @Override
    public JobResult await() throws ConstruirException, InterruptedException {
        try {
            return result.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            if (cause instanceof ConstruirException known) {
                throw known;
            }
            throw new ConstruirException("the runner failed: " + cause, e);
        }
    }

    @Override
    public boolean cancel() {
        boolean underWay = !result.isDone();
        thread.interrupt();
        return underWay;
    }

    @Override
    public void close() {
        if (Thread.currentThread() != thread) { // not called by an action that depends on the result
            cancel();
            Uninterrupted.run(thread::join);
        }
        if (result.isDone() && !result.isCompletedExceptionally()) {
            result.join().close();
        }
    }
}
