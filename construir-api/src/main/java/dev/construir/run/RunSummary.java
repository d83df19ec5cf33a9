package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.job.Job;
import dev.construir.text.TerminalSafeExcerpt;
import java.util.List;
import java.util.Optional;

/**
 * The results of several jobs, see {@link Runner#runAll}. It owns their results. Safe for use by many threads.
 *
 * <pre>{@code
 * try (RunSummary summary = runner.runAll(List.of(build, test))) {
 *     System.out.println(summary.describe());
 * }
 * }</pre>
 *
 * @since 0.1
 */
public final class RunSummary implements AutoCloseable {
    private final List<Entry> entries;

    /**
     * The end of one job: a result, or the reason why there is none.
     *
     * @param job the job
     * @param result its result, if it could be run
     * @param failure why it could not be run, if it could not
     */
    public record Entry(Job job, Optional<JobResult> result, Optional<ConstruirException> failure) {
        /**
         * Returns whether the job was run and succeeded.
         *
         * @return whether there is a result whose outcome is a success
         */
        public boolean isSuccess() {
            return result.isPresent() && result.get().outcome().isSuccess();
        }

        private String describe() {
            String how = result.map(known -> known.outcome().describe())
                    .or(() -> failure.map(ConstruirException::getMessage))
                    .orElse("");
            return TerminalSafeExcerpt.of(job.name()) + ": " + how;
        }
    }

    RunSummary(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /**
     * Returns the entry of each job.
     *
     * @return an entry for each job, in the order in which the jobs were given
     */
    public List<Entry> entries() {
        return entries;
    }

    /**
     * Returns the results of the jobs that could be run.
     *
     * @return the results, in the order in which the jobs were given; closed with this summary
     */
    public List<JobResult> results() {
        return entries.stream().flatMap(entry -> entry.result().stream()).toList();
    }

    /**
     * Returns whether all jobs were run and succeeded.
     *
     * @return whether each entry is a success; true if there is none
     */
    public boolean isSuccess() {
        return entries.stream().allMatch(Entry::isSuccess);
    }

    /**
     * Returns how many jobs succeeded and failed, and how each that did not succeed ended.
     *
     * @return a line such as {@code 3 jobs: 2 succeeded, 1 failed}, and a line for each that did not succeed; without a
     *     line feed at the end
     */
    public String describe() {
        List<Entry> failed =
                entries.stream().filter(entry -> !entry.isSuccess()).toList();
        StringBuilder text = new StringBuilder()
                .append(entries.size())
                .append(entries.size() == 1 ? " job: " : " jobs: ")
                .append(entries.size() - failed.size())
                .append(" succeeded, ")
                .append(failed.size())
                .append(" failed");
        failed.forEach(entry -> text.append("\n  ").append(entry.describe()));
        return text.toString();
    }

    /**
     * Returns this summary if all jobs succeeded.
     *
     * @return this summary
     * @throws ConstruirException if one did not; the message is {@link #describe}, and what kept jobs from being run is
     *     suppressed in it. The summary must still be closed
     */
    public RunSummary orThrow() throws ConstruirException {
        if (isSuccess()) {
            return this;
        }
        ConstruirException failed = new ConstruirException(describe());
        entries.forEach(entry -> entry.failure().ifPresent(failed::addSuppressed));
        throw failed;
    }

    /** Closes the results. Idempotent. */
    @Override
    public void close() {
        results().forEach(JobResult::close);
    }

    /** Returns how many jobs succeeded and failed. */
    @Override
    public String toString() {
        return describe().lines().findFirst().orElse("");
    }
}
