package dev.construir.run;

import dev.construir.disk.read.DiskReader;
import dev.construir.disk.read.ExtractReport;
import dev.construir.job.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** A result without a disk. */
record DisklessResult(Job job, Outcome outcome) implements UnmeasuredResult {
    DisklessResult {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(outcome, "outcome");
    }

    @Override
    public OutputTail output() {
        return OutputTail.EMPTY;
    }

    @Override
    public DiskReader files() throws IOException {
        throw noDisk();
    }

    @Override
    public ExtractReport copyOutputsTo(Path target) throws IOException {
        throw noDisk();
    }

    @Override
    public Optional<Path> diskFile() {
        return Optional.empty();
    }

    @Override
    public Path moveDiskTo(Path target) throws IOException {
        throw noDisk();
    }

    @Override
    public Path reproduce(Path directory) throws IOException {
        throw noDisk();
    }

    private IOException noDisk() {
        return new IOException("job " + job.name() + " has no disk: no machine ran it (" + outcome.describe() + ")");
    }

    @Override
    public void close() {}

    /** Returns the job and its outcome. */
    @Override
    public String toString() {
        return "job " + job.name() + ": " + outcome.describe() + " (no machine ran it)";
    }
}
