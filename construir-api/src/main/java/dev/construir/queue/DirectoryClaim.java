package dev.construir.queue;

import dev.construir.ConstruirException;
import dev.construir.DiskFormatException;
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
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** A job that was taken out of the queue's directory. */
final class DirectoryClaim implements Claim {
    private static final String LOG_ON_DISK = "/construir.log";

    private final DirectoryQueue queue;
    private final ClaimDirectory directory;
    private final JobFile file;
    private Past past;
    private final Instant claimed = Instant.now();
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
        past = directory.past(file, past);
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
        throw new ConstruirException(file.name() + " is neither a disk image nor a directory");
    }

    @Override
    public Wish renew() {
        return Files.exists(directory.job(file), LinkOption.NOFOLLOW_LINKS) ? Wish.CONTINUE : Wish.CANCEL;
    }

    @Override
    public void complete(JobResult result) throws IOException, InterruptedException {
        checkOpen();
        if (!directory.isComplete()) {
            ResultRecord record = record().result(result);
            Optional<MachineSpec> spec = result.spec();
            if (spec.isPresent()) {
                record.root(spec.get(), queue.digests());
            }
            Durable.write(directory.log(), out -> writeLog(result, out));
            Optional<Path> disk = result.diskFile();
            if (disk.isPresent()) {
                pack(disk.get(), record);
            }
            stage(record, !result.outcome().jobsOwn());
        }
        publish();
    }

    private void pack(Path disk, ResultRecord record) throws IOException, InterruptedException {
        Path image = directory.image();
        Files.deleteIfExists(image); // an attempt to store it that did not come to its end
        CompressOptions options = queue.options().compression().withDigests(Digests.SHA256);
        CompressReport report = CompressedImage.write(disk, image, options);
        Durable.sync(image);
        record.disk(report);
    }

    // The guest wrote it: as much of it is taken as a job may print. Without one there is what the machine told.
    private static void writeLog(JobResult result, OutputStream out) throws IOException {
        if (result.diskFile().isEmpty()) {
            result.output().writeTo(out);
            return;
        }
        try (DiskReader disk = result.files();
                InputStream log = disk.open(LOG_ON_DISK)) {
            long left = result.job().limits().output().bytes();
            byte[] chunk = new byte[1 << 16];
            for (int n = log.read(chunk); n > 0 && left > 0; n = log.read(chunk)) {
                int taken = (int) Math.min(n, left);
                out.write(chunk, 0, taken);
                left -= taken;
            }
        } catch (NoSuchFileException | DiskFormatException e) {
            result.output().writeTo(out);
        }
    }

    @Override
    public void fail(String why) throws IOException {
        checkOpen();
        if (directory.isComplete()) { // there is a result, which may have been seen
            publish();
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
        if (!directory.isComplete()) {
            directory.removeResult();
            Durable.write(directory.log(), "");
            stage(record().failure(why), true);
        }
        publish();
    }

    private ResultRecord record() {
        return new ResultRecord(file, attempt(), claimed, queue.host());
    }

    private void stage(ResultRecord record, boolean failure) throws IOException {
        directory.keepName(file);
        Durable.write(directory.record(failure), record.toString());
        Durable.syncDirectory(directory.path());
    }

    private void publish() throws IOException {
        new Publication(queue.folders(), directory, file).finish();
        ended = true;
    }

    @Override
    public void giveBack() throws IOException {
        checkOpen();
        if (directory.isComplete()) {
            publish();
            return;
        }
        directory.removeResult();
        directory.giveBack(queue.folders(), file, past);
        ended = true;
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
            letGo();
        } catch (IOException e) {
            queue.strand(this);
            throw e;
        }
    }

    /** Gives the job back, unless there was a verdict. */
    void letGo() throws IOException {
        if (!ended) {
            giveBack();
        }
        queue.leave();
    }
}
