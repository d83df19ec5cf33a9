package dev.construir.run;

import dev.construir.job.Job;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.Preparation;
import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * Something that happened to a run. Every event carries its job and the identity of its run, so that one listener
 * serves any number of runs:
 *
 * <pre>{@code
 * RunListener listener = event -> {
 *     if (event instanceof RunEvent.MachineGone) {
 *         System.err.println(event.job().name() + " has ended");
 *     }
 * };
 * }</pre>
 *
 * <p>The order is {@link Queued}, {@link Waiting}, {@link Preparing}, {@link Booting}, {@link JobStarted}, {@link
 * JobEnded}, {@link MachineGone}, each at most once but for any number of {@link Preparing}, and of {@link Output}
 * after {@link Booting}. When a run ends early, what did not happen is left out; {@link Booting} is always followed by
 * {@link MachineGone}.
 *
 * @since 0.1
 */
public sealed interface RunEvent {
    /**
     * Returns when it happened.
     *
     * @return the host's time of day
     */
    Instant at();

    /**
     * Returns the job that is run.
     *
     * @return the job, the same object that was given to the runner
     */
    Job job();

    /**
     * Returns the identity of the run. Runs of the same job have different ones.
     *
     * @return {@code job-} and twelve hexadecimal digits, which is also the serial of the job disk
     */
    String runId();

    /**
     * The run was accepted.
     *
     * @param at when
     * @param job the job that is run
     * @param runId the run's identity, which is also the serial of its job disk
     */
    record Queued(Instant at, Job job, String runId) implements RunEvent {}

    /**
     * The run has to wait until it is its turn.
     *
     * @param at when
     * @param job the job that is run
     * @param runId the run's identity
     * @param forWhat what it waits for, in a clause that follows "waiting for"
     */
    record Waiting(Instant at, Job job, String runId, String forWhat) implements RunEvent {}

    /**
     * The start of the machine waits for work that is done once for many machines: the first run with a warm start
     * waits until a machine was booted and its memory kept, or until another run has done that. A listener that does
     * not keep up receives only the latest of each stage.
     *
     * @param at when
     * @param job the job that is run
     * @param runId the run's identity
     * @param work what is under way, and how much of it is done where that is known
     */
    record Preparing(Instant at, Job job, String runId, Preparation work) implements RunEvent {}

    /**
     * The machine was started.
     *
     * @param at when
     * @param job the job that is run
     * @param runId the run's identity
     * @param machine what runs it
     */
    record Booting(Instant at, Job job, String runId, MachineInfo machine) implements RunEvent {}

    /**
     * The guest says that the job starts.
     *
     * @param at when
     * @param job the job that is run
     * @param runId the run's identity
     */
    record JobStarted(Instant at, Job job, String runId) implements RunEvent {}

    /**
     * The job printed something.
     *
     * @param at when
     * @param job the job that is run
     * @param runId the run's identity
     * @param bytes what it printed, byte for byte and at most 64 KiB, read-only, the listener's to keep, empty if it
     *     only reports a loss; chosen by the job, so beware of terminal escapes
     * @param droppedBefore how many bytes before these were left out because the listener was too slow
     */
    record Output(Instant at, Job job, String runId, ByteBuffer bytes, long droppedBefore) implements RunEvent {}

    /**
     * The guest says that the job has ended.
     *
     * @param at when
     * @param job the job that is run
     * @param runId the run's identity
     */
    record JobEnded(Instant at, Job job, String runId) implements RunEvent {}

    /**
     * The machine is gone.
     *
     * @param at when
     * @param job the job that is run
     * @param runId the run's identity
     * @param how how it ended
     */
    record MachineGone(Instant at, Job job, String runId, MachineExit how) implements RunEvent {}
}
