package dev.construir.run;

import dev.construir.disk.SparseCopy;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.read.ExtractOptions;
import dev.construir.disk.read.ExtractReport;
import dev.construir.disk.read.Selection;
import dev.construir.job.Job;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Usage;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What came of a run in a machine; owns the scratch directory with the job's disk. */
final class MachineResult implements JobResult {
    private static final Logger LOG = LoggerFactory.getLogger(MachineResult.class);

    /** What is known of a run once it is over. */
    record Facts(
            Job job,
            String runId,
            Outcome outcome,
            Timings timings,
            Usage usage,
            Optional<MachineInfo> machine,
            OutputTail output,
            OutputTail console,
            List<String> hints) {}

    private final Facts facts;
    private final InitialDisk fresh;
    private final Path disk;
    private final Reproduction reproduction;
    private final ScratchDirectory directory;
    private final Consumer<MachineResult> onClose;
    private volatile long droppedOutput; // known when the listener has heard the rest, before anybody has the result

    // guarded by this
    private @Nullable DiskReader reader;
    private @Nullable String gone;

    MachineResult(
            Facts facts,
            InitialDisk fresh,
            Path disk,
            Reproduction reproduction,
            ScratchDirectory directory,
            Consumer<MachineResult> onClose) {
        this.facts = facts;
        this.fresh = fresh;
        this.disk = disk;
        this.reproduction = reproduction;
        this.directory = directory;
        this.onClose = onClose;
    }

    @Override
    public Job job() {
        return facts.job();
    }

    @Override
    public String runId() {
        return facts.runId();
    }

    @Override
    public Outcome outcome() {
        return facts.outcome();
    }

    @Override
    public Timings timings() {
        return facts.timings();
    }

    @Override
    public Usage usage() {
        return facts.usage();
    }

    @Override
    public Optional<MachineSpec> spec() {
        return Optional.of(reproduction.spec());
    }

    @Override
    public Optional<MachineInfo> machine() {
        return facts.machine();
    }

    @Override
    public OutputTail output() {
        return facts.output();
    }

    @Override
    public OutputTail console() {
        return facts.console();
    }

    @Override
    public List<String> hints() {
        return facts.hints();
    }

    @Override
    public long droppedOutput() {
        return droppedOutput;
    }

    void setDroppedOutput(long bytes) {
        droppedOutput = bytes;
    }

    @Override
    public synchronized DiskReader files() throws IOException {
        checkPresent();
        DiskReader opened = reader;
        if (opened == null) {
            opened = DiskReader.open(disk);
            reader = opened;
        }
        return new NonClosingDiskReader(opened);
    }

    @Override
    public ExtractReport copyOutputsTo(Path target) throws IOException, InterruptedException {
        Selection outputs = fresh.select(job().outputs());
        return files().copyTo("/", target, new ExtractOptions(outputs, ExtractOptions.Links.INSIDE));
    }

    @Override
    public synchronized Optional<Path> diskFile() {
        return gone == null && Files.exists(disk) ? Optional.of(disk) : Optional.empty();
    }

    @Override
    public synchronized Path moveDiskTo(Path target) throws IOException {
        checkPresent();
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(target.toString(), null, "it exists already; name another file");
        }
        closeReader();
        Path parent = target.toAbsolutePath().getParent();
        if (parent != null && Files.getFileStore(parent).equals(Files.getFileStore(disk))) {
            Files.move(disk, target);
        } else {
            SparseCopy.copyUninterruptibly(disk, target);
            Files.delete(disk);
        }
        gone = "was moved to " + target;
        return target;
    }

    @Override
    public Path reproduce(Path target) throws IOException, InterruptedException {
        reproduction.write(target, this, this::copyDisk); // calls the job, and so must not hold the lock
        return target;
    }

    private synchronized void copyDisk(Path target) throws IOException {
        checkPresent();
        SparseCopy.copy(disk, target);
    }

    private void checkPresent() throws IOException {
        if (gone != null) {
            throw new IOException("the disk of job " + facts.job().name() + " " + gone);
        }
        if (!Files.exists(disk)) {
            throw new IOException("job " + facts.job().name() + " has no disk: "
                    + facts.outcome().describe());
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closeReader();
            gone = gone == null ? "was removed when its result was closed" : gone;
            directory.close();
        }
        onClose.accept(this);
    }

    private void closeReader() {
        DiskReader opened = reader;
        reader = null;
        if (opened != null) {
            try {
                opened.close();
            } catch (IOException e) {
                LOG.warn("could not close {}: {}", disk, Reason.of(e));
            }
        }
    }

    /**
     * Returns the job, its outcome and the run, for example {@code job test: exited with status 0 (job-0123456789ab)}.
     */
    @Override
    public String toString() {
        return "job " + facts.job().name() + ": " + facts.outcome().describe() + " (" + facts.runId() + ")";
    }
}
