package dev.construir.run;

import dev.construir.disk.SparseCopy;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.read.ExtractOptions;
import dev.construir.disk.read.ExtractReport;
import dev.construir.disk.read.Selection;
import dev.construir.job.Job;
import dev.construir.job.Outputs;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.text.Reason;
import dev.construir.text.TailBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A result that is read from a disk image, which belongs to the caller. */
final class DiskResult implements UnmeasuredResult {
    private static final Logger LOG = LoggerFactory.getLogger(DiskResult.class);
    private static final String LOG_FILE = "/construir.log";
    private static final int CHUNK = 64 << 10;

    private final Job job;
    private final Outcome outcome;
    private final Path disk;
    private final DiskReader reader;
    private final OutputTail output;
    private volatile boolean closed;

    private DiskResult(Job job, Outcome outcome, Path disk, DiskReader reader, OutputTail output) {
        this.job = job;
        this.outcome = outcome;
        this.disk = disk;
        this.reader = reader;
        this.output = output;
    }

    static DiskResult open(Job job, Outcome outcome, Path disk) throws IOException {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(outcome, "outcome");
        DiskReader reader = DiskReader.open(disk);
        boolean opened = false;
        try {
            DiskResult result = new DiskResult(job, outcome, disk, reader, printed(reader));
            opened = true;
            return result;
        } finally {
            if (!opened) {
                reader.close();
            }
        }
    }

    private static OutputTail printed(DiskReader reader) throws IOException {
        if (reader.find(LOG_FILE).isEmpty()) {
            return OutputTail.EMPTY;
        }
        TailBuffer printed = new TailBuffer();
        byte[] chunk = new byte[CHUNK];
        try (InputStream in = reader.open(LOG_FILE)) {
            for (int length = in.read(chunk); length > 0; length = in.read(chunk)) {
                printed.add(ByteBuffer.wrap(chunk, 0, length));
            }
        }
        return OutputTail.of(printed);
    }

    @Override
    public Job job() {
        return job;
    }

    @Override
    public Outcome outcome() {
        return outcome;
    }

    @Override
    public OutputTail output() {
        return output;
    }

    @Override
    public DiskReader files() throws IOException {
        checkOpen();
        return new NonClosingDiskReader(reader);
    }

    @Override
    public ExtractReport copyOutputsTo(Path target) throws IOException, InterruptedException {
        Selection outputs = freshDisk().select(job.outputs());
        return files().copyTo("/", target, new ExtractOptions(outputs, ExtractOptions.Links.INSIDE));
    }

    // The job's disk is made anew: nothing else knows what the job has changed.
    private InitialDisk freshDisk() throws IOException {
        if (!(job.outputs() instanceof Outputs.Changed)) {
            return InitialDisk.UNKNOWN;
        }
        try (Scratch scratch = Scratch.open(Scratch.defaultRoot().resolve("results"), leftover -> {});
                ScratchDirectory directory = scratch.directory("fresh")) {
            Path fresh = directory.path().resolve("job.img");
            Reproduction.createDisk(job, fresh);
            try (DiskReader before = DiskReader.open(fresh)) {
                return new InitialDisk(before.snapshot());
            }
        }
    }

    @Override
    public Optional<Path> diskFile() {
        return closed ? Optional.empty() : Optional.of(disk);
    }

    @Override
    public Path moveDiskTo(Path target) throws IOException {
        checkOpen();
        SparseCopy.copy(disk, target);
        return target;
    }

    @Override
    public Path reproduce(Path directory) throws IOException {
        throw new IOException("job " + job.name() + " cannot be reproduced: no machine ran it (" + outcome.describe()
                + "); its disk is " + disk);
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new IOException("the result of job " + job.name() + " is closed; its disk is " + disk);
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            reader.close();
        } catch (IOException e) {
            LOG.warn("could not close {}: {}", disk, Reason.of(e));
        }
    }

    /** Returns the job, its outcome and the disk. */
    @Override
    public String toString() {
        return "job " + job.name() + ": " + outcome.describe() + " (from " + disk + ")";
    }
}
