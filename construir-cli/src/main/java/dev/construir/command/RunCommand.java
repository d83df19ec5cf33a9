package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.command.disk.ImageOperand;
import dev.construir.command.disk.ResultExport;
import dev.construir.command.disk.Target;
import dev.construir.disk.write.PackOptions;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Outputs;
import dev.construir.run.BadJobException;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import dev.construir.sandbox.Sandbox;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExecutionSession;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.Failures;
import dev.construir.terminal.JobOutput;
import dev.construir.terminal.JsonOutput;
import dev.construir.terminal.OwnOutput;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import dev.construir.terminal.TerminalFilter;
import dev.construir.terminal.Ticker;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code construir run}: runs one job and waits for it. */
@Command(
        name = "run",
        description = {
            "Runs a job in its own virtual machine and waits for it.",
            "",
            "The job's output goes to stdout as it comes, everything else to stderr. When stdout's reader goes "
                    + "away (| head), "
                    + "the job goes on unheard. Shown on a terminal, the output loses all control sequences but "
                    + "colours.",
            "",
            "A first Ctrl-C, SIGTERM or SIGHUP ends the machine and delivers what --out, --keep, "
                    + "--keep-on-failure and --console ask for; "
                    + "a second one stops at once. What the job wrote in its last half minute and did not sync "
                    + "may be missing then.",
            ""
        })
final class RunCommand implements Callable<Integer> {
    private static final Duration LAST_OUTPUT =
            Duration.ofSeconds(2); // for a stdout that is read slowly, once cancelled

    private final Streams streams;
    private final RunnerSource runners;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "JOB",
            description =
                    "A directory with an executable bin/construir, or a job image, also compressed (.xz). Neither "
                            + "is changed. "
                            + "With --script any directory, or none.")
    private @Nullable Path job;

    @Option(
            names = "--script",
            paramLabel = "TEXT",
            description = "Runs this shell script among the files of the directory, in place of its bin/construir.")
    private @Nullable String script;

    @Mixin
    private final JobOptions options;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            description =
                    "Copies what the job created or changed on its disk to this directory, however the job ended.")
    private @Nullable Path out;

    @Option(
            names = "--select",
            paramLabel = "GLOB",
            description =
                    "Copies to --out what this matches instead, from the disk's root: build/*.jar, **/TEST-*.xml, "
                            + "reports (a directory with all in it), ** (everything); may be given again. "
                            + "It is a failure if the job succeeded and nothing matches.")
    private List<String> select = List.of();

    @Option(
            names = "--keep",
            paramLabel = "FILE",
            description = "Keeps the job disk as a new file, xz-compressed if the name ends in .xz.")
    private @Nullable Path keep;

    @Option(
            names = "--keep-on-failure",
            paramLabel = "DIR",
            description = "If the job does not succeed, makes this directory, with the job disk as it was before and "
                    + "after, output, console, "
                    + "what is known of the run, and a script that starts the machine by hand. It must "
                    + "not exist, or be empty.")
    private @Nullable Path keepOnFailure;

    @Option(
            names = "--shell-on-failure",
            description =
                    "If the job does not succeed, opens a shell in its machine, on this terminal, before the machine "
                            + "ends. The job's limits go on. Nothing happens where stdin is no terminal.")
    private boolean shellOnFailure;

    @Option(
            names = "--console",
            paramLabel = "FILE",
            description = "Writes what the machine's console showed to a file: the first and the last 64 KiB.")
    private @Nullable Path console;

    @Option(
            names = "--json",
            description = "Writes how the run ended to stdout as one JSON object when it has ended. "
                    + "What the job prints goes to stderr then.")
    private boolean json;

    private Map<String, Object> document =
            RunDocument.failure("cancelled before the machine started", ExitCode.CANCELLED);

    @Mixin
    private final VerbosityOptions verbosity = new VerbosityOptions();

    RunCommand(Streams streams, Environment surroundings, RunnerSource runners) {
        this.streams = streams;
        this.runners = runners;
        this.options = new JobOptions(surroundings);
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        checkUsage();
        if (!json) {
            return perform();
        }
        int code = performForJson();
        try (JsonOutput out = new JsonOutput(streams.out())) {
            out.write(document);
        }
        return code;
    }

    /** Stdout is the document's: the job prints to stderr. */
    private int performForJson() {
        int code;
        try {
            code = perform();
        } catch (ConstruirException | IOException e) {
            String why = Failures.describe(e);
            CommandDefaults.say(streams.err()::println, why);
            document = RunDocument.failure(why, ExitCode.FAILED);
            return ExitCode.FAILED;
        }
        document.put("commandExitCode", code);
        return code;
    }

    private int perform() throws ConstruirException, IOException {
        Job toRun = job();
        RootImage image = options.place().image();
        checkTargets();
        Screen screen = screen();
        if (shellOnFailure && streams.keyboard().isTerminal()) {
            toRun = Sandbox.onFailure(toRun, vm -> showShell(vm, screen));
        }
        Job observed = toRun;
        try {
            return CancelOnSignal.endsThenDelivers(interruption -> run(observed, image, screen, interruption), screen);
        } catch (BadJobException e) {
            String why = withDirectory(String.valueOf(e.getMessage()));
            CommandDefaults.say(streams.err()::println, why);
            document = RunDocument.failure(why, e.exitCode());
            return e.exitCode();
        }
    }

    private void showShell(Sandbox vm, Screen screen) throws ConstruirException, IOException, InterruptedException {
        screen.suspend(true);
        screen.say("the job failed; this is a shell in its machine, which ends with it");
        try {
            int unused = new ExecutionSession(streams, screen, true, true).hold(vm.sh(ShellCommand.SHELL));
        } finally {
            screen.suspend(false);
        }
    }

    private Screen screen() {
        return new Screen(
                json
                        ? new Streams(
                                streams.err(),
                                streams.err(),
                                streams.errIsTerminal(),
                                streams.errIsTerminal(),
                                streams.keyboard())
                        : streams);
    }

    /** The library knows only the job's disk: the cure is for the directory that the disk was made from. */
    private String withDirectory(String message) {
        String cure = "chmod +x ";
        int at = message.indexOf(cure);
        if (at < 0 || job == null || !Files.isDirectory(job)) {
            return message;
        }
        String path = message.substring(at + cure.length());
        return message.substring(0, at)
                + cure
                + ShellWord.quote(job.resolve(path).toString());
    }

    private int run(Job toRun, RootImage image, Screen screen, CancelOnSignal interruption)
            throws ConstruirException, IOException, InterruptedException {
        try (Scratch place = options.place().openScratch();
                ScratchDirectory directory = place.directory("run");
                Runner runner = runners.open(options.place().choice(image));
                JobOutput output = JobOutput.start(screen, directory.path())) {
            Progress progress = new Progress(toRun.name(), image.name(), screen, output, verbosity.isQuiet());
            try (JobResult result = Ticker.during(() -> runner.run(toRun, progress), screen, progress)) {
                return finish(result, output, screen, directory.path(), interruption);
            }
        }
    }

    private int finish(JobResult result, JobOutput output, Screen screen, Path directory, CancelOnSignal interruption)
            throws InterruptedException {
        boolean cancelled = Thread.interrupted();
        Outcome outcome = result.outcome();
        boolean complete = false;
        try {
            complete = output.finish(result.droppedOutput(), cancelled ? LAST_OUTPUT : Limits.UNLIMITED);
        } catch (InterruptedException e) {
            if (cancelled) {
                throw e;
            }
            cancelled = true; // while stdout was read slowly
        }
        cancelled |= interruption.deliver();
        document = RunDocument.of(result, outcome.exitCode());
        new Report(result, screen, verbosity.isQuiet()).print();
        int code = cancelled && !outcome.isConclusive() ? ExitCode.CANCELLED : outcome.exitCode();
        if (outcome instanceof Outcome.Cancelled && result.machine().isEmpty()) {
            return code; // there is nothing to deliver
        }
        ResultExport delivery = new ResultExport(result, screen, directory);
        boolean kept = delivery.keepOnFailure(keepOnFailure); // before the disk is moved
        boolean delivered = delivery.deliver(out, keep, console) && kept;
        if (!delivered) {
            return ExitCode.FAILED;
        } else if (code == 0 && !complete) {
            return cancelled ? ExitCode.CANCELLED : ExitCode.FAILED;
        }
        return code;
    }

    private void checkUsage() {
        if (job == null && script == null) {
            throw new ParameterException(spec.commandLine(), "missing JOB or --script, e.g. construir run DIR");
        } else if (out == null && !select.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--select says what goes to --out DIR; give that as well");
        }
    }

    private Job job() throws ConstruirException, IOException {
        Job made = options.terms().apply(source());
        try {
            return select.isEmpty() ? made : made.withOutputs(Outputs.matching(select.toArray(String[]::new)));
        } catch (IllegalArgumentException e) {
            throw new ConstruirException(String.valueOf(e.getMessage()), e); // no glob
        }
    }

    private Job source() throws ConstruirException, IOException {
        if (job == null) {
            return Job.script("script", Objects.requireNonNull(script, "script"));
        } else if (Files.isDirectory(job)) {
            return script == null ? Job.fromDirectory(job, packing()) : Job.script(job, script, packing());
        } else if (Files.isRegularFile(job) && script != null) {
            throw new FileSystemException(job.toString(), null, "an image; with --script name a directory, or none");
        } else if (Files.isRegularFile(job)) {
            if (!Files.isReadable(job)) {
                throw new AccessDeniedException(
                        job.toString(), null, "this user may not read the job; see its owner and mode");
            }
            return Job.fromImage(job);
        }
        if (Files.exists(job)) {
            throw new FileSystemException(job.toString(), null, ImageOperand.NO_FILE);
        }
        throw new NoSuchFileException(
                job.toString(), null, "no job: " + Reason.unreadable(job) + "; name a directory or a disk image");
    }

    private PackOptions packing() throws ConstruirException {
        Screen screen = screen();
        return options.packing()
                .withOutputs(OwnOutput.of(
                        out, keep, keepOnFailure, console, options.place().scratch()))
                .withWarnings(line -> screen.say(TerminalFilter.escape(line)));
    }

    // Better now than after two hours.
    private void checkTargets() throws IOException {
        if (out != null) {
            Target.checkDirectory("--out", out);
        }
        if (keep != null) {
            Target.checkNewFile("--keep", keep);
        }
        if (console != null) {
            Target.checkFile("--console", console);
        }
        if (keepOnFailure != null) {
            Target.checkNewDirectory("--keep-on-failure", keepOnFailure);
        }
    }
}
