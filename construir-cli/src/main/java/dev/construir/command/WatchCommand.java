package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.disk.compress.CompressOptions;
import dev.construir.image.RootImage;
import dev.construir.job.Limits;
import dev.construir.queue.DirectoryQueue;
import dev.construir.queue.QueueOptions;
import dev.construir.queue.QueueWorkers;
import dev.construir.run.Runner;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Formats;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import dev.construir.terminal.TerminalFilter;
import dev.construir.terminal.Ticker;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code construir watch}: serves a directory as a queue of jobs until it is signalled. */
@Command(
        name = "watch",
        description = {
            "Runs the jobs that appear in DIR/queue, each in its own virtual machine, until it receives a signal.",
            "",
            "A job is a disk image, also compressed (.xz), or a directory with bin/construir; it should appear by "
                    + "a rename. Its disk ends up "
                    + "compressed in DIR/done, or in DIR/failed if it was killed, crashed or is no job, beside "
                    + "its log and a record (.json). "
                    + "Any number of watchers may serve one directory. docs/howto/queue.md has the details.",
            "",
            "A first SIGTERM or Ctrl-C drains: no new jobs start, running jobs may finish within the grace "
                    + "period, and return "
                    + "to the queue after it. A second signal returns them at once.",
            "",
            "Stderr gets one line for each job, and on a terminal a live status line.",
            ""
        },
        footerHeading = "%nExit codes:%n",
        footer = {
            "  0      ended by a signal; no job is lost",
            "  3      Java had no memory left; no job is lost, and another watcher can be started",
            "  125    the queue, the root image or an option cannot be used",
            "  130    ended by two signals, and a machine could not be ended; its job returns to the queue later"
        })
final class WatchCommand implements Callable<Integer> {
    private final Streams streams;
    private final RunnerSource runners;

    @Parameters(paramLabel = "DIR", description = "The queue's directory; what is missing of it is made.")
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Option(
            names = {"-j", "--jobs"},
            paramLabel = "N",
            description = "Jobs that run at once. Default: ${DEFAULT-VALUE}.")
    private int jobs = 1;

    @Option(
            names = "--attempts",
            paramLabel = "N",
            description = "How often a job is tried if the host or this command fails. Default: ${DEFAULT-VALUE}.")
    private int attempts = QueueOptions.DEFAULT.attempts();

    @Option(
            names = "--grace",
            paramLabel = "TIME",
            description = "How long jobs may go on after the first signal: 10m, 0s, none (to their end). Default: 1m.")
    private Duration grace = Duration.ofMinutes(1);

    @Option(
            names = "--reserve",
            paramLabel = "SIZE",
            description = "Free space required in DIR and in the scratch directory before a job starts. Default: "
                    + "${DEFAULT-VALUE}.")
    private DataSize reserve = DataSize.ofGibibytes(1);

    @Option(
            names = "--take-over-after",
            paramLabel = "TIME",
            description = "Take jobs from a watcher that is not dead but has shown no sign of life for so long, as it "
                    + "was stopped or hangs: "
                    + "30s, 5m, none. At least 10s; on NFS more than a minute. The jobs must bear to be "
                    + "run twice. Default: none.")
    private Duration takeOverAfter = QueueOptions.NEVER;

    @Mixin
    private final JobOptions options;

    @Mixin
    private final BoundsOptions bounds = new BoundsOptions();

    @Mixin
    private final VerbosityOptions verbosity = new VerbosityOptions();

    WatchCommand(Streams streams, Environment surroundings, RunnerSource runners) {
        this.streams = streams;
        this.runners = runners;
        this.options = new JobOptions(surroundings);
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        Screen screen = new Screen(streams);
        return CancelOnSignal.endsAtTheSecond(() -> serve(screen), screen);
    }

    private int serve(Screen screen) throws ConstruirException, IOException {
        RootImage image = options.place().image();
        RunnerSource.Choice choice = options.place().choice(image);
        try (Runner runner = runners.open(choice);
                DirectoryQueue queue = DirectoryQueue.open(directory, queueOptions())) {
            WatchLog log = new WatchLog(
                    queue::waiting, queue::silent, attempts, screen, InstantSource.system(), verbosity.isQuiet());
            JobDefaults terms = options.terms();
            QueueWorkers.Builder workers = OptionRange.check(
                            "--jobs", () -> QueueWorkers.on(queue, runner).jobs(jobs))
                    .settings(terms::apply)
                    .bounds(bounds.bounds(terms))
                    .reserve(directory, reserve)
                    .reserve(choice.scratch(), reserve)
                    .listener(log);
            queue.prepareRecords(image);
            if (!verbosity.isQuiet()) {
                screen.say(TerminalFilter.escape("serving " + directory + " on " + image.name()));
            }
            Ticker.during(() -> work(workers, screen), screen, log);
            screen.say("ended: " + log.summary());
            return 0;
        } catch (InterruptedException | ClosedByInterruptException e) {
            Thread.interrupted(); // a channel that was closed leaves it set
            screen.say("ended before a job started");
            return 0;
        }
    }

    // All jobs may come to their ends at once: together they are to compress with no more threads than there are
    // processors.
    private QueueOptions queueOptions() throws ConstruirException {
        int threads = Math.max(1, CompressOptions.DEFAULT.threads() / Math.max(1, jobs));
        QueueOptions tried = OptionRange.check("--attempts", () -> QueueOptions.DEFAULT.withAttempts(attempts));
        return OptionRange.check("--take-over-after", () -> tried.withTakeOverAfter(takeOverAfter))
                .withPacking(options.packing())
                .withCompression(CompressOptions.DEFAULT.withThreads(threads));
    }

    // Every signal is an interrupt.
    private boolean work(QueueWorkers.Builder description, Screen screen) {
        try (QueueWorkers workers = description.start()) {
            try {
                return workers.await(Limits.UNLIMITED);
            } catch (InterruptedException first) {
                workers.drain();
                screen.say("draining: no new jobs start, and running jobs have " + allowance()
                        + " to finish; a second signal returns them to the queue at once");
            }
            try {
                if (!workers.await(grace)) {
                    screen.say("the grace period is over: running jobs return to the queue");
                }
            } catch (InterruptedException second) { // said before that is waited for
                screen.say("second signal: running jobs return to the queue at once");
            }
            return true;
        }
    }

    private String allowance() {
        return grace.compareTo(Limits.UNLIMITED) >= 0 ? "as long as they need" : Formats.span(grace);
    }
}
