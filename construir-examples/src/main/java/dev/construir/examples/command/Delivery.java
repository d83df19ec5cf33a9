package dev.construir.examples.command;

import dev.construir.disk.ExtractReport;
import dev.construir.run.JobResult;
import dev.construir.run.OutputTail;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
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
record Delivery(JobResult result, Screen screen, Path scratch) {
    private static final int NAMED = 10;

    /** A part of the delivery. */
    @FunctionalInterface
    private interface Part {
        void bring() throws IOException, InterruptedException;
    }

    /** Brings what is wanted, each part although another failed. Returns whether all of it was brought. */
    boolean deliver(@Nullable Path out, @Nullable Path keep, @Nullable Path console) throws InterruptedException {
        boolean complete = console == null || tried("the console", console, () -> writeConsole(console));
        complete &= out == null
                || tried(
                        "the files", out, () -> copyFiles(screen, result.files().copyTo(out), out));
        complete &= keep == null || tried("the disk", keep, () -> keepDisk(keep));
        return complete;
    }

    private boolean tried(String what, Path target, Part part) throws InterruptedException {
        try {
            part.bring();
            return true;
        } catch (IOException e) {
            screen.say(
                    TerminalFilter.escape(what + " could not be brought to " + target + ": " + Failures.describe(e)));
            return false;
        }
    }

    /** Says what was extracted, and what was not. */
    static void copyFiles(Screen screen, ExtractReport report, Path target) {
        report.skipped().stream()
                .limit(NAMED)
                .forEach(skipped -> screen.say("skipped " + TerminalFilter.escape(skipped)));
        if (report.skippedTotal() > NAMED) {
            screen.say("skipped " + (report.skippedTotal() - NAMED) + " more");
        }
        screen.say("copied " + report.files() + (report.files() == 1 ? " file (" : " files (")
                + Texts.bytes(report.bytes()) + ") to " + TerminalFilter.escape(target.toString()));
    }

    private void keepDisk(Path target) throws IOException, InterruptedException {
        if (!DiskFiles.isCompressed(target)) {
            result.moveDiskTo(target);
            return;
        }
        Path moved = result.moveDiskTo(scratch.resolve("job.img"));
        screen.status("compressing the job disk");
        try {
            DiskFiles.pack(moved, target);
        } finally {
            screen.status("");
        }
    }

    private void writeConsole(Path target) throws IOException {
        OutputTail console = result.console();
        try (OutputStream file = Files.newOutputStream(target)) {
            file.write(console.head());
            if (console.truncated()) {
                long missing = console.total() - console.head().length - console.tail().length;
                file.write(("\n[... " + missing + " bytes left out ...]\n").getBytes(StandardCharsets.US_ASCII));
            }
            file.write(console.tail());
        }
    }
}
