package dev.construir.sandbox;

import dev.construir.channel.ChannelSession;
import dev.construir.run.Outcome;
import java.util.concurrent.CompletableFuture;

/** What a sandbox lives in: a run of its own, or the run of a job that has failed. */
interface SandboxLife {
    /** Returns how the machine ended, once that is known; exceptionally if it never will be. */
    CompletableFuture<Outcome> outcome();

    /** The sandbox cannot be used any more. Does not wait. */
    void cancel();

    /** Takes leave of the guest, before its session is closed. */
    void depart(ChannelSession session);

    /** Waits until nothing of the sandbox is left. An interrupt does not cut the wait short. */
    void close();
}
