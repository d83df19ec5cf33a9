package dev.construir.sandbox;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waits for futures that do not fail. */
final class Waiting {
    private Waiting() {}

    /** Returns the value of a future that is never completed exceptionally, and waits for it. */
    static <T> T on(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a future that cannot fail failed", e);
        }
    }
}
