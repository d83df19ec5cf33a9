package dev.construir.command.disk;

import dev.construir.disk.read.ExtractReport;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.terminal.Failures;
import dev.construir.terminal.Formats;
import dev.construir.terminal.Screen;
import dev.construir.terminal.TerminalFilter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Brings what a run left to where it was asked for.
 *
 * @param result the run's result
 * @param screen where it is said what could not be brought
 * @param scratch a directory on the file system of the runs
 */
public record ResultExport(JobResult result, Screen screen, Path scratch) {
    private static final int NAMED = 10;
    private static final String CURE = "use Java 22 or newer, or put JNA on the class path";

    /** A part of the delivery. */
    @FunctionalInterface
    private interface Part {
        /** Returns whether all of it was there to be brought. */
        boolean bring() throws IOException, InterruptedException;
    }

    /** Brings what is wanted, each part although another failed. Returns whether all of it was brought. */
    public boolean deliver(@Nullable Path out, @Nullable Path keep, @Nullable Path console)
            throws InterruptedException {
        boolean midJob = !result.outcome().isConclusive() && !(result.outcome() instanceof Outcome.NoStatus);
        if (midJob && (out != null || keep != null)) {
            screen.say(
                    result.timings().job().isZero()
                            ? "the machine was ended before the job began"
                            : "the machine was ended while the job ran: what the job wrote in its last half "
                                    + "minute and did not sync may be missing");
        }
        boolean complete = console == null || tried("the console", console, () -> writeConsole(console));
        complete &= out == null || tried("the files", out, () -> copyOutputs(out));
        complete &= keep == null || tried("the disk", keep, () -> keepDisk(keep));
        return complete;
    }

    /**
     * Writes down what it takes to look into a run that failed, where that is wanted. Returns whether it was written.
     */
    public boolean keepOnFailure(@Nullable Path directory) throws InterruptedException {
        if (directory == null || result.outcome().isSuccess()) {
            return true;
        }
        boolean kept = tried("what it takes to look into the run", directory, () -> {
            result.reproduce(directory);
            return true;
        });
        if (kept) {
            screen.say("to look into the run, see " + directory
                    + "; its script \"run\" starts the machine by hand (in QEMU, Ctrl-A x ends it)");
        }
        return kept;
    }

    private boolean tried(String what, Path target, Part part) throws InterruptedException {
        try {
            return part.bring();
        } catch (IOException e) {
            screen.say(
                    TerminalFilter.escape(what + " could not be brought to " + target + ": " + Failures.describe(e)));
            return false;
        } catch (InterruptedException e) {
            screen.say(TerminalFilter.escape(
                    what + " could not be brought to " + target + ": stopped by a second signal"));
            throw e;
        }
    }

    /** A job that failed need not have made what was expected of it. */
    private boolean copyOutputs(Path target) throws IOException, InterruptedException {
        JournalWarning.report(result.files(), "the job disk", screen);
        ExtractReport report = result.copyOutputsTo(target);
        boolean complete = copyFiles(screen, report, target);
        report.unmatched()
                .forEach(glob ->
                        screen.say("--select " + TerminalFilter.escape(glob) + " matches nothing on the job disk"));
        return complete && (report.unmatched().isEmpty() || !result.outcome().isSuccess());
    }

    /** Says what was extracted, and what was not. Returns whether nothing is missing that should be there. */
    static boolean copyFiles(Screen screen, ExtractReport report, Path target) {
        report.skipped().stream()
                .limit(NAMED)
                .forEach(skipped -> screen.say("left out " + TerminalFilter.escape(skipped)));
        if (report.skippedTotal() > NAMED) {
            screen.say("left out " + (report.skippedTotal() - NAMED) + " more");
        }
        count(screen, report.foreign(), "of the copied do not belong to root on the disk; here they are yours");
        count(screen, report.attributes(), "of the copied have extended attributes on the disk, which are left out");
        count(screen, report.changedLinks(), "of the links have a text without doubled and final slashes; " + CURE);
        count(screen, report.changedTimes(), "of the times are not right to the microsecond; " + CURE);
        screen.say("copied " + report.files() + (report.files() == 1 ? " file (" : " files (")
                + Formats.bytes(report.bytes()) + ") to " + TerminalFilter.escape(target.toString()));
        count(
                screen,
                report.lost(),
                "of what was left out should be there: they are damaged, or this host refuses them");
        return report.lost() == 0;
    }

    private static void count(Screen screen, long number, String what) {
        if (number > 0) {
            screen.say(number + " " + what);
        }
    }

    private boolean keepDisk(Path target) throws IOException, InterruptedException {
        if (!DiskFiles.isCompressed(target)) {
            AtomicOutput.make(target, result::moveDiskTo);
            return true;
        }
        Path moved = result.moveDiskTo(scratch.resolve("job.img"));
        screen.status("compressing the job disk");
        try {
            DiskFiles.pack(moved, target);
            return true;
        } finally {
            screen.status("");
        }
    }

    private boolean writeConsole(Path target) throws IOException {
        try (OutputStream file = Files.newOutputStream(target)) {
            result.console().writeTo(file);
        }
        return true;
    }
}
