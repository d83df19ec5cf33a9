package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import java.time.Duration;
import java.util.Optional;

/** A runner that is also closed when the JVM shuts down. */
final class ClosedOnShutdown implements Runner {
    // Closing cancels runs, which takes seconds. A run that itself waits for the shutdown must not hold it up for ever.
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Runner runner;
    private final Thread hook;

    private ClosedOnShutdown(Runner runner) {
        this.runner = runner;
        this.hook = new Thread(this::shutDown, "construir-shutdown");
    }

    static Runner of(Runner runner) {
        ClosedOnShutdown closed = new ClosedOnShutdown(runner);
        Runtime.getRuntime().addShutdownHook(closed.hook);
        return closed;
    }

    private void shutDown() {
        Thread closer = new Thread(runner::close, "construir-shutdown-close");
        closer.setDaemon(true);
        closer.start();
        try {
            closer.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // not expected: no code interrupts this thread
        }
    }

    @Override
    public JobResult run(Job job, RunListener listener) throws ConstruirException, InterruptedException {
        return runner.run(job, listener);
    }

    @Override
    public Run start(Job job, RunListener listener) {
        return runner.start(job, listener);
    }

    @Override
    public Optional<RootImage> root() {
        return runner.root();
    }

    @Override
    public void close() {
        try {
            var ignored = Runtime.getRuntime().removeShutdownHook(hook);
        } catch (
                @SuppressWarnings("unused")
                IllegalStateException e) {
            // the JVM is shutting down: the hook closes the same runner, which is idempotent
        }
        runner.close();
    }

    /** Returns what the runner returns, and that it is closed on shutdown. */
    @Override
    public String toString() {
        return runner + ", closed on shutdown";
    }
}
