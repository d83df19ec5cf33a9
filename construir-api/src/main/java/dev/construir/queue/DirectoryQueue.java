package dev.construir.queue;

import dev.construir.Reason;
import dev.construir.scratch.OwnedDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory as a queue: jobs appear in {@code queue/}, are claimed into {@code running/}, and end in {@code done/} or {@code failed/}.
 *
 * <p>A job is a disk image, plain or compressed ({@code .xz}), or a directory with {@code bin/construir}. It should appear by a rename, from
 * a name that begins with a dot or ends in {@code .part}, or from another directory of the file system; anything else is taken when it has not
 * changed for {@link QueueOptions#settle}. The oldest arrival is taken first; names that begin with {@code p1-} to {@code p4-} come before all
 * others, and {@code p6-} to {@code p9-} after them.
 *
 * <p>There is no state but the directories, and all moves are renames, so that every job is whole in exactly one place whenever a process is
 * killed: it is done, or has failed, as soon as its record ({@code .json}) is there; else it is claimed, if it is below {@code running/}; else it
 * waits. Claims lie in a directory of their process, with a file that it holds locked; whoever finds one whose lock nobody holds brings to an end
 * what was to be published, and queues all else again. Locks, unlike times, know nothing of clocks that jump.
 *
 * <p>Any number of processes may serve a directory, on several hosts if the file system's locks reach that far. It must have hard links.
 */
public final class DirectoryQueue implements JobQueue {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryQueue.class);

    private final Folders folders;
    private final QueueOptions options;
    private final Changes changes;
    private final String host = hostName();
    private final FileDigests digests = new FileDigests();
    private final ReentrantLock claiming = new ReentrantLock();

    // guarded by claiming
    private final Inbox inbox;
    private @Nullable ClaimDirectory spare;
    private long nextSweep;

    private final ClaimDirectories directories;
    private final Queue<DirectoryClaim> kept = new ConcurrentLinkedQueue<>(); // closed, but not brought to an end
    private final AtomicInteger users = new AtomicInteger(1); // the queue and its claims
    private volatile boolean closed;

    private DirectoryQueue(
            Folders folders, QueueOptions options, Changes changes, ClaimDirectories directories, Inbox inbox) {
        this.folders = folders;
        this.options = options;
        this.changes = changes;
        this.directories = directories;
        this.inbox = inbox;
        this.nextSweep = System.nanoTime();
    }

    /**
     * Opens a directory as a queue, and takes care of what dead processes left.
     *
     * @param directory the directory; what is missing of it is made
     * @param options how it is served
     * @return the queue, to be closed by the caller
     * @throws IOException if it cannot be used
     */
    public static DirectoryQueue open(Path directory, QueueOptions options) throws IOException {
        return open(directory, options, new Changes());
    }

    static DirectoryQueue open(Path directory, QueueOptions options, Changes changes) throws IOException {
        Objects.requireNonNull(options, "options");
        Folders folders = Folders.prepare(directory);
        ClaimDirectories directories = ClaimDirectories.open(folders, changes);
        try {
            Inbox inbox = new Inbox(folders.queue(), options, changes);
            try {
                DirectoryQueue queue = new DirectoryQueue(folders, options, changes, directories, inbox);
                queue.sweep();
                return queue;
            } catch (IOException | RuntimeException e) {
                inbox.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            directories.close();
            throw e;
        }
    }

    @Override
    public Optional<Claim> claim(Duration wait) throws IOException, InterruptedException {
        long most = Math.max(0, TimeUnit.NANOSECONDS.convert(wait));
        long end = System.nanoTime() + most;
        if (!claiming.tryLock(most, TimeUnit.NANOSECONDS)) {
            return Optional.empty();
        }
        try {
            while (!closed) {
                Optional<Claim> claim = next();
                long left = end - System.nanoTime();
                if (claim.isPresent() || left <= 0) {
                    return claim;
                }
                inbox.await(Math.min(left, options.rescan().toNanos()));
            }
            return Optional.empty();
        } finally {
            claiming.unlock();
        }
    }

    /**
     * Counts what waits, what is not whole yet included. Reads the names in the directory, and nothing else.
     *
     * @return how many names there are
     * @throws IOException if the directory cannot be read
     */
    public int waiting() throws IOException {
        int names = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folders.queue())) {
            for (Path file : files) {
                names += JobFile.isJob(file.getFileName().toString()) ? 1 : 0;
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    private Optional<Claim> next() throws IOException, InterruptedException {
        if (System.nanoTime() - nextSweep >= 0) {
            sweep();
        }
        for (Optional<Inbox.Waiting> job = inbox.first(); job.isPresent(); job = inbox.first()) {
            JobFile file = job.get().file();
            if (spare == null || spare.isGone()) {
                spare = directories.add(); // before the job is touched: there may be no room
            }
            inbox.remove(file);
            if (take(file, spare)) {
                ClaimDirectory directory = spare;
                spare = null;
                return Optional.of(claim(directory, job.get()));
            }
        }
        return Optional.empty();
    }

    /** Returns false if somebody else has it, or it cannot be had: others may be. */
    private boolean take(JobFile file, ClaimDirectory directory) throws IOException {
        try {
            return directory.take(folders, file);
        } catch (IOException e) {
            if (directory.isGone()) {
                throw e;
            }
            inbox.refuse(file.name(), Reason.of(e));
            return false;
        }
    }

    private DirectoryClaim claim(ClaimDirectory directory, Inbox.Waiting job) throws IOException {
        users.incrementAndGet();
        DirectoryClaim claim = new DirectoryClaim(this, directory, job.file(), new Past(0, job.arrived()));
        try {
            claim.recall();
            return claim;
        } catch (IOException e) {
            try {
                claim.close();
            } catch (IOException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    private void sweep() throws IOException {
        nextSweep = System.nanoTime() + options.rescan().toNanos();
        folders.restore();
        endKept();
        OwnedDirectory.inherit(folders.running(), this::inherit);
    }

    /** Tries again to bring to an end what could not be. */
    private void endKept() {
        kept.removeIf(claim -> {
            try {
                claim.end();
                return true;
            } catch (IOException e) {
                LOG.debug("job {} is still kept", claim.name(), e);
                return false;
            }
        });
    }

    private void inherit(Path orphan) throws IOException {
        IOException failure = null;
        try (DirectoryStream<Path> claims =
                Files.newDirectoryStream(orphan, path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))) {
            for (Path path : claims) {
                try {
                    inherit(new ClaimDirectory(path, changes));
                } catch (IOException e) { // must not keep other claims from being inherited
                    failure = e;
                    LOG.debug("{} stays there", path, e);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void inherit(ClaimDirectory directory) throws IOException {
        Optional<JobFile> file = directory.file();
        if (file.isPresent()) {
            LOG.info(
                    "{} was left by a process that died",
                    Reason.printable(file.get().name()));
            DirectoryClaim claim = new DirectoryClaim(this, directory, file.get(), new Past(0, Instant.now()));
            claim.recall();
            claim.fail("its process died");
        }
        directory.remove();
    }

    /** Returns an empty directory for what is left of a claim that somebody has removed. */
    ClaimDirectory newDirectory() throws IOException {
        return directories.add();
    }

    /** Tells that the queue's directories are not there, if they are not. */
    void checkThere() throws IOException {
        folders.check();
    }

    /** Takes a claim that could not be brought to an end, to try that again later. */
    void keep(DirectoryClaim claim) {
        kept.add(claim);
    }

    Folders folders() {
        return folders;
    }

    QueueOptions options() {
        return options;
    }

    String host() {
        return host;
    }

    FileDigests digests() {
        return digests;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            inbox.close(); // whoever waits with it returns
        } finally {
            claiming.lock(); // and has claimed nothing, or something that is counted
            try {
                endKept();
                leave();
            } finally {
                claiming.unlock();
            }
        }
    }

    /** The last of the queue and its claims lets go of the locks. */
    void leave() {
        if (users.decrementAndGet() == 0) {
            directories.close();
        }
    }
}
