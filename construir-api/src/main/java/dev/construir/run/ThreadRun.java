package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.job.Job;
import dev.construir.text.Reason;
import dev.construir.thread.Uninterrupted;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** A run on its own platform thread, cancelled by an interrupt of that thread. */
final class ThreadRun implements Run {
    private final CompletableFuture<JobResult> result = new CompletableFuture<>();
    private final Thread thread;

    private ThreadRun(Runner runner, Job job, RunListener listener) {
        thread = new Thread(() -> perform(runner, job, listener), "construir-run-" + job.name());
        thread.setDaemon(true);
    }

    static ThreadRun start(Runner runner, Job job, RunListener listener) {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(listener, "listener");
        return start(runner, job, listener, () -> {});
    }

    /** Starts a run that has something already, which is given back if its thread cannot be started. */
    static ThreadRun start(Runner runner, Job job, RunListener listener, Runnable giveBack) {
        ThreadRun run = new ThreadRun(runner, job, listener);
        boolean started = false;
        try {
            run.thread.start();
            started = true;
            return run;
        } finally {
            if (!started) {
                giveBack.run();
            }
        }
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
            throw new ConstruirException(failure(cause), e);
        }
    }

    private static String failure(@Nullable Throwable cause) {
        String why = cause instanceof IOException io ? Reason.of(io) : cause == null ? null : cause.getMessage();
        return "the runner failed: " + (why == null ? "it gave no reason" : why) + "; its cause is attached";
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

    /** Returns the job and whether it is over. */
    @Override
    public String toString() {
        return thread.getName().replaceFirst("construir-", "") + (result.isDone() ? ", over" : ", under way");
    }
}
