package dev.construir.sandbox;

import dev.construir.channel.ChannelSession;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Run;
import java.util.concurrent.CompletableFuture;

/**
 * A run that is nothing but the sandbox.
 *
 * @param run the run; owned
 */
record RunLife(Run run) implements SandboxLife {
    @Override
    public CompletableFuture<Outcome> outcome() {
        return run.result().thenApply(JobResult::outcome);
    }

    @Override
    public void cancel() {
        run.cancel();
    }

    @Override
    public void depart(ChannelSession session) {
        // the machine is killed
    }

    @Override
    public void close() {
        run.close();
    }
}
