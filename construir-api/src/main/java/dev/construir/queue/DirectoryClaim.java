package dev.construir.queue;

import dev.construir.ConstruirException;
import dev.construir.DiskFormatException;
import dev.construir.Reason;
import dev.construir.disk.CompressOptions;
import dev.construir.disk.CompressOptions.Digests;
import dev.construir.disk.CompressReport;
import dev.construir.disk.CompressedImage;
import dev.construir.disk.DiskReader;
import dev.construir.job.Job;
import dev.construir.machine.MachineSpec;
import dev.construir.run.JobResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A job that was taken out of the queue's directory. */
final class DirectoryClaim implements Claim {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryClaim.class);
    private static final String LOG_ON_DISK = "/construir.log";

    private final DirectoryQueue queue;
    private final JobFile file;
    private final Instant claimed = Instant.now();
    private ClaimDirectory directory;
    private Past past;
    private @Nullable Path published; // where the result is
    private boolean ended;
    private boolean closed;

    /**
     * Owns a claim.
     *
     * @param past what is known of the job if nothing is written down
     */
    DirectoryClaim(DirectoryQueue queue, ClaimDirectory directory, JobFile file, Past past) {
        this.queue = queue;
        this.directory = directory;
        this.file = file;
        this.past = past;
    }

    /** Learns what is written down of the job. */
    void recall() throws IOException {
        past = directory.past(queue.folders(), file).orElse(past);
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
            return Job.fromDirectory(path);
        }
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return Job.fromImage(path);
        }
        throw new ConstruirException(Reason.printable(file.name())
                + (Files.isSymbolicLink(path)
                        ? " is a symbolic link, and none is followed; queue what it points to"
                        : " is neither a disk image nor a directory"));
    }

    @Override
    public Wish renew() {
        return directory.hasJob(file) ? Wish.CONTINUE : Wish.CANCEL;
    }

    @Override
    public void complete(JobResult result) throws IOException, InterruptedException {
        checkOpen();
        if (directory.isGone() && published == null) {
            directory = queue.newDirectory(); // somebody took the job, but here is its result
        }
        if (!hasResult()) {
            ResultRecord record = record().result(result);
            Optional<MachineSpec> spec = result.spec();
            if (spec.isPresent()) {
                record.root(spec.get(), queue.digests());
            }
            directory.changes().write(directory.log(), out -> writeLog(result, out));
            Optional<Path> disk = result.diskFile();
            if (disk.isPresent()) {
                pack(disk.get(), record);
            }
            directory.stage(file, record, !result.outcome().jobsOwn());
        }
        publish();
    }

    private void pack(Path disk, ResultRecord record) throws IOException, InterruptedException {
        Path image = directory.image();
        directory.changes().remove(image); // an attempt to store it that did not come to its end
        directory.changes().step();
        CompressOptions options = queue.options().compression().withDigests(Digests.SHA256);
        CompressReport report = CompressedImage.write(disk, image, options);
        directory.changes().sync(image);
        record.disk(report);
    }

    /** The guest wrote it: as much of it is taken as a job may print, and as can be read. Without one there is what the machine told. */
    private static void writeLog(JobResult result, OutputStream out) throws IOException {
        Optional<DiskReader> disk = result.diskFile().isPresent() ? disk(result) : Optional.empty();
        if (disk.isEmpty()) {
            result.output().writeTo(out);
            return;
        }
        try (DiskReader reader = disk.get()) {
            Optional<InputStream> log = log(reader);
            if (log.isPresent()) {
                copy(log.get(), out, result.job().limits().output().bytes());
            } else {
                result.output().writeTo(out);
            }
        }
    }

    private static Optional<DiskReader> disk(JobResult result) throws IOException {
        try {
            return Optional.of(result.files());
        } catch (
                @SuppressWarnings("unused")
                DiskFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<InputStream> log(DiskReader disk) throws IOException {
        try {
            return Optional.of(disk.open(LOG_ON_DISK));
        } catch (@SuppressWarnings("unused") FileSystemException | DiskFormatException e) {
            return Optional.empty(); // it is not there, or no file
        }
    }

    private static void copy(InputStream log, OutputStream out, long most) throws IOException {
        byte[] chunk = new byte[1 << 16];
        long left = most;
        for (int n = read(log, chunk); n > 0 && left > 0; n = read(log, chunk)) {
            int taken = (int) Math.min(n, left);
            out.write(chunk, 0, taken);
            left -= taken;
        }
    }

    private static int read(InputStream log, byte[] chunk) throws IOException {
        try {
            return log.read(chunk);
        } catch (
                @SuppressWarnings("unused")
                DiskFormatException e) {
            return -1; // damaged from here on
        }
    }

    @Override
    public void fail(String why) throws IOException {
        checkOpen();
        if (hasResult()) {
            publish(); // what is known by now is more than that
        } else if (attempt() < queue.options().attempts()) {
            directory.giveBack(queue.folders(), file, new Past(attempt(), Instant.now()));
            ended = true;
        } else {
            putAside("attempt " + attempt() + " was the last: " + why);
        }
    }

    @Override
    public void reject(String why) throws IOException {
        checkOpen();
        putAside(why);
    }

    private void putAside(String why) throws IOException {
        if (!hasResult()) {
            directory.removeResult();
            directory.changes().write(directory.log(), "");
            directory.stage(file, record().failure(why), true);
        }
        publish();
    }

    /** Tells whether there is a result, which is published or about to be. */
    private boolean hasResult() {
        return published != null || directory.isComplete();
    }

    private ResultRecord record() {
        return new ResultRecord(file, attempt(), claimed, queue.host());
    }

    private void publish() throws IOException {
        if (published == null) {
            published = new Publication(queue.folders(), directory, file).publish();
        }
        directory.changes().syncDirectory(published); // so that it outlives a loss of power
        ended = true;
    }

    @Override
    public void giveBack() throws IOException {
        checkOpen();
        if (hasResult()) {
            publish(); // it came to its end
        } else {
            directory.giveBack(queue.folders(), file, past);
            ended = true;
        }
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
            queue.leave();
        }
    }

    private boolean isTakenAway() {
        return !hasResult()
                && Files.notExists(directory.job(file), LinkOption.NOFOLLOW_LINKS); // known, and not only out of reach
    }

    /** Brings to an end what is not, and removes what is left. It can be begun again at any point. */
    void end() throws IOException {
        if (!ended && isTakenAway()) {
            queue.checkThere(); // else all of it is away, and may come back
            LOG.warn("job {} was taken away while it was claimed", Reason.printable(file.name()));
            ended = true;
        } else if (!ended) {
            giveBack();
        }
        directory.remove();
    }
}
