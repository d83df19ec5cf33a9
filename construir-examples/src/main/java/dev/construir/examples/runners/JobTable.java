package dev.construir.examples.runners;

import dev.construir.ConstruirException;
import dev.construir.job.Job;
import dev.construir.run.JobResult;
import dev.construir.run.Runner;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Runs every job in a folder, and prints a table of how they ended and how many seconds they took. */
record JobTable(Runner runner, PrintStream out) {
    private static final String ROW = "%-16s %-40s %4s %5s%n";

    void print(Path folder) throws IOException, InterruptedException {
        out.printf(ROW, "JOB", "OUTCOME", "EXIT", "TIME");
        try (var jobs = Files.list(folder)) {
            for (Path job : jobs.filter(Files::isDirectory).sorted().toList()) {
                try (JobResult end = runner.run(Job.fromDirectory(job))) {
                    var outcome = end.outcome();
                    long seconds = end.timings().total().toSeconds();
                    out.printf(ROW, job.getFileName(), outcome.describe(), outcome.exitCode(), seconds);
                } catch (ConstruirException e) {
                    out.printf(ROW, job.getFileName(), e.getMessage(), 125, "");
                }
            }
        }
    }
}
