package dev.construir.sandbox;

import dev.construir.job.Limits;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

/** Waits for futures that do not fail. */
final class Waiting {
    private Waiting() {}

    /** Returns a limit in nanoseconds; those beyond what a number takes are without end. */
    static long nanos(Duration limit) {
        return limit.compareTo(Limits.UNLIMITED) < 0 ? limit.toNanos() : Long.MAX_VALUE;
    }

    /** Returns a future whose dependents do not run on the thread that completes the given one: it has other work. */
    static <T> CompletableFuture<T> apart(CompletableFuture<T> future) {
        return future.isDone() ? future.copy() : future.thenApplyAsync(Function.identity());
    }

    /** Returns the value of a future that is never completed exceptionally, and waits for it. */
    static <T> T on(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a future that cannot fail failed", e);
        }
    }
}
