package dev.construir.queue;

import dev.construir.ConstruirException;
import dev.construir.disk.compress.CompressOptions;
import dev.construir.disk.compress.CompressOptions.Digests;
import dev.construir.disk.compress.CompressReport;
import dev.construir.disk.compress.CompressedImage;
import dev.construir.job.Job;
import dev.construir.machine.MachineSpec;
import dev.construir.run.JobResult;
import dev.construir.text.ControlCharacters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A job that was taken out of the queue's directory. */
final class DirectoryClaim implements Claim {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryClaim.class);

    private final DirectoryQueue queue;
    private final JobFile file;
    private final Instant claimed = Instant.now();
    private ClaimDirectory directory;
    private RetryRecord past;
    private @Nullable Path published; // where the result is
    private boolean ended;
    private boolean closed;

    /**
     * Owns a claim.
     *
     * @param past used if the job has no retry record
     */
    DirectoryClaim(DirectoryQueue queue, ClaimDirectory directory, JobFile file, RetryRecord past) {
        this.queue = queue;
        this.directory = directory;
        this.file = file;
        this.past = past;
    }

    /** Reads the job's retry record. */
    void recall() throws IOException {
        past = directory.past(queue.layout(), file).orElse(past);
    }

    @Override
    public String name() {
        return file.base();
    }

    @Override
    public int attempt() {
        return past.attempts() + 1;
    }

    @Override
    public Job job() throws ConstruirException {
        Path path = directory.job(file);
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            return Job.fromDirectory(path, queue.options().packing());
        }
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return Job.fromImage(path);
        }
        throw new ConstruirException(ControlCharacters.escape(file.name())
                + (Files.isSymbolicLink(path)
                        ? " is a symbolic link, and none is followed; queue what it points to"
                        : " is neither a disk image nor a directory"));
    }

    @Override
    public Optional<JobSettings> settings() throws ConstruirException {
        return SettingsFile.read(directory.job(file));
    }

    @Override
    public Directive renew() {
        return directory.hasJob(file) ? Directive.CONTINUE : Directive.CANCEL;
    }

    @Override
    public void complete(JobResult result) throws IOException, InterruptedException {
        checkOpen();
        try {
            store(result);
        } catch (IOException e) {
            throw lost(e).orElse(e);
        }
    }

    private void store(JobResult result) throws IOException, InterruptedException {
        if (directory.isGone() && published == null) {
            if (directory.takenBy().isPresent()) {
                throw new NoSuchFileException(directory.path().toString());
            }
            directory = queue.newDirectory(); // the job was removed, but its result is worth keeping
        }
        if (!hasResult()) {
            ResultRecord record = record().result(result);
            Optional<MachineSpec> spec = result.spec();
            if (spec.isPresent()) {
                record.root(spec.get(), queue.digests());
            }
            directory.changes().write(directory.log(), out -> ResultLog.write(result, out));
            Optional<Path> disk = result.diskFile();
            if (disk.isPresent()) {
                pack(disk.get(), record);
            }
            directory.stage(file, record, !result.outcome().isConclusive());
        }
        publish();
    }

    private void pack(Path disk, ResultRecord record) throws IOException, InterruptedException {
        Path image = directory.image();
        directory.changes().remove(image); // left by an unfinished attempt to store it
        directory.changes().step();
        CompressOptions options = queue.options().compression().withDigests(Digests.COMPRESSED);
        CompressReport report = CompressedImage.write(disk, image, options);
        directory.changes().sync(image);
        record.disk(report);
    }

    @Override
    public void fail(String why) throws IOException {
        checkOpen();
        try {
            queueAgain(why);
        } catch (IOException e) {
            throw lost(e).or(() -> takenAway(e)).orElse(e);
        }
    }

    private void queueAgain(String why) throws IOException {
        if (hasResult()) {
            publish(); // the result says more than this failure
        } else if (attempt() < queue.options().attempts()) {
            directory.giveBack(queue.layout(), file, new RetryRecord(attempt(), Instant.now()));
            ended = true;
        } else {
            putAside("attempt " + attempt() + " was the last: " + why);
        }
    }

    @Override
    public String explain(String why) {
        return why.replace(directory.job(file).getParent() + "/", "");
    }

    @Override
    public void reject(String why) throws IOException {
        checkOpen();
        try {
            putAside(why);
        } catch (IOException e) {
            throw lost(e).orElse(e);
        }
    }

    private void putAside(String why) throws IOException {
        if (!hasResult()) {
            directory.removeResult();
            directory.changes().write(directory.log(), "");
            directory.stage(file, record().failure(why), true);
        }
        publish();
    }

    /** Returns whether there is a result, published or complete. */
    private boolean hasResult() {
        return published != null || directory.isComplete();
    }

    private ResultRecord record() {
        return new ResultRecord(file, attempt(), claimed, queue.host());
    }

    private void publish() throws IOException {
        if (published == null) {
            published = new Publication(queue.layout(), directory, file).publish();
        }
        directory.changes().syncDirectory(published); // survives a loss of power
        ended = true;
    }

    @Override
    public void giveBack() throws IOException {
        checkOpen();
        try {
            putBack();
        } catch (IOException e) {
            throw lost(e).or(() -> takenAway(e)).orElse(e);
        }
    }

    private void putBack() throws IOException {
        if (hasResult()) {
            publish(); // the job has ended
        } else {
            directory.giveBack(queue.layout(), file, past);
            ended = true;
        }
    }

    /**
     * Reports that another watcher has the job, if that is why something failed. What is published is out of its reach.
     */
    private Optional<IOException> lost(IOException failure) {
        Optional<String> by = published == null ? directory.takenBy() : Optional.empty();
        return by.map(whom -> {
            ended = true;
            return new ClaimLostException(
                    "another watcher (" + ControlCharacters.escape(whom)
                            + ") took the job over, as this one showed no sign of life; "
                            + "what this attempt made is dropped",
                    failure);
        });
    }

    /** Reports that the job was moved away, if that is why it cannot be queued again. */
    private Optional<IOException> takenAway(IOException failure) {
        try {
            if (!isTakenAway()) {
                return Optional.empty();
            }
            queue.checkThere();
        } catch (
                @SuppressWarnings("unused")
                IOException e) { // all of it is away, and may come back
            return Optional.empty();
        }
        ended = true;
        return Optional.of(new ClaimLostException("the job was moved out of running/ while it ran", failure));
    }

    private void checkOpen() {
        if (ended) {
            throw new IllegalStateException("there was a verdict on " + file.name() + " before");
        }
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            end();
        } catch (IOException e) {
            queue.keep(this);
            throw e;
        } finally {
            queue.leave(this);
        }
    }

    private boolean isTakenAway() {
        return !hasResult()
                && Files.notExists(directory.job(file), LinkOption.NOFOLLOW_LINKS); // gone, not only unreachable
    }

    /** Ends the claim and removes its directory. Can be repeated after a failure at any point. */
    void end() throws IOException {
        if (!ended && isTakenAway()) {
            queue.checkThere(); // else all of it is away, and may come back
            LOG.warn("job {} was taken away while it was claimed", SkippedEntryLog.line(file.name()));
            ended = true;
        } else if (!ended) {
            endOpen();
        }
        directory.remove();
        if (directory.takenBy().isPresent()) {
            directory.forgetTaken();
        }
    }

    private void endOpen() throws IOException {
        try {
            putBack();
        } catch (IOException e) {
            Optional<IOException> lost = lost(e);
            if (lost.isEmpty()) {
                throw e;
            }
            LOG.warn("job {}: {}", SkippedEntryLog.line(file.name()), lost.get().getMessage());
        }
    }

    /** Returns the job and its queue. */
    @Override
    public String toString() {
        return "claim of " + file.name() + " in " + queue;
    }
}
