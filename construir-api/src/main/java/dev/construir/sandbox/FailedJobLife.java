package dev.construir.sandbox;

import dev.construir.channel.ChannelSession;
import dev.construir.run.Outcome;
import dev.construir.thread.Uninterrupted;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The run of a job that has failed, which goes on when the sandbox is closed. */
final class FailedJobLife implements SandboxLife {
    private static final Duration DEPARTURE = Duration.ofSeconds(30);

    @Override
    public CompletableFuture<Outcome> outcome() {
        return CompletableFuture.failedFuture(new IllegalStateException("the job's run has the outcome"));
    }

    @Override
    public void cancel() {
        // the job's limits end its machine
    }

    @Override
    public void depart(ChannelSession session) {
        session.end();
        Uninterrupted.run(() -> {
            var unused = Waiting.on(session.lost()
                    .copy()
                    .completeOnTimeout(new ChannelSession.Loss("", false), DEPARTURE.toSeconds(), TimeUnit.SECONDS));
        });
    }

    @Override
    public void close() {
        // the run is somebody else's
    }
}
