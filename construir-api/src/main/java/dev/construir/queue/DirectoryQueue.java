package dev.construir.queue;

import dev.construir.Reason;
import dev.construir.scratch.OwnedDirectory;
import dev.construir.scratch.Removal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
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
import java.util.stream.Stream;
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
    private final OwnedDirectory own;
    private final String host = hostName();
    private final FileDigests digests = new FileDigests();
    private final ReentrantLock claiming = new ReentrantLock();

    // guarded by claiming
    private final Inbox inbox;
    private long claims;
    private long nextSweep;

    private final Queue<DirectoryClaim> stranded = new ConcurrentLinkedQueue<>();
    private final AtomicInteger users = new AtomicInteger(1); // the queue and its claims
    private volatile boolean closed;

    private DirectoryQueue(Folders folders, QueueOptions options, OwnedDirectory own, Inbox inbox) {
        this.folders = folders;
        this.options = options;
        this.own = own;
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
        Objects.requireNonNull(options, "options");
        Folders folders = Folders.prepare(directory);
        OwnedDirectory own = OwnedDirectory.create(folders.running());
        try {
            DirectoryQueue queue = new DirectoryQueue(folders, options, own, new Inbox(folders.queue(), options));
            queue.sweep();
            return queue;
        } catch (IOException | RuntimeException e) {
            own.close();
            throw e;
        }
    }

    @Override
    public Optional<Claim> claim(Duration wait) throws IOException, InterruptedException {
        long end = System.nanoTime() + wait.toNanos();
        if (!claiming.tryLock(Math.max(0, wait.toNanos()), TimeUnit.NANOSECONDS)) {
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
        for (Optional<Inbox.Waiting> job = inbox.next(); job.isPresent(); job = inbox.next()) {
            JobFile file = job.get().file();
            ClaimDirectory directory = new ClaimDirectory(own.path().resolve(Long.toString(++claims)));
            Files.createDirectory(directory.path());
            if (directory.take(folders, file)) {
                users.incrementAndGet();
                DirectoryClaim claim = new DirectoryClaim(
                        this, directory, file, new Past(0, job.get().arrived()));
                begin(claim, () -> directory.takePast(folders, file));
                return Optional.of(claim);
            }
            Files.delete(directory.path());
        }
        return Optional.empty();
    }

    /** What comes before a claim is used. */
    @FunctionalInterface
    private interface Step {
        void take() throws IOException;
    }

    private static void begin(DirectoryClaim claim, Step first) throws IOException {
        try {
            first.take();
            claim.recall();
        } catch (IOException | RuntimeException e) {
            claim.close();
            throw e;
        }
    }

    private void sweep() throws IOException {
        nextSweep = System.nanoTime() + options.rescan().toNanos();
        retryStranded();
        OwnedDirectory.inherit(folders.running(), this::inherit);
    }

    private void retryStranded() {
        for (int i = stranded.size(); i > 0; i--) {
            DirectoryClaim claim = stranded.remove();
            try {
                claim.letGo();
            } catch (IOException e) {
                LOG.warn("job {} cannot be queued again yet: {}", claim.name(), Reason.of(e));
                stranded.add(claim);
            }
        }
    }

    /** Takes a claim that could not be let go of, as the disk is full for example. */
    void strand(DirectoryClaim claim) {
        stranded.add(claim);
    }

    private void inherit(Path orphan) throws IOException {
        try (DirectoryStream<Path> claimed = Files.newDirectoryStream(orphan, Files::isDirectory)) {
            for (Path path : claimed) {
                inherit(new ClaimDirectory(path));
            }
        }
        try (DirectoryStream<Path> rest = Files.newDirectoryStream(orphan, file -> !Files.isDirectory(file))) {
            for (Path file : rest) {
                Files.delete(file);
            }
        }
        Files.delete(orphan);
    }

    private void inherit(ClaimDirectory claim) throws IOException {
        Optional<JobFile> file = claim.file();
        if (file.isEmpty()) { // it never came, or went back
            Removal.delete(claim.path());
        } else if (claim.isComplete()) {
            LOG.info(
                    "publishing the result of {}, whose process has died",
                    file.get().name());
            new Publication(folders, claim, file.get()).finish();
        } else {
            DirectoryClaim again = new DirectoryClaim(this, claim, file.get(), new Past(0, Instant.now()));
            again.recall();
            again.fail("its process died"); // else it is tried again, by whoever holds the lock then
        }
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
        inbox.close(); // whoever waits with it returns
        claiming.lock(); // and has claimed nothing, or something that is counted
        try {
            retryStranded();
            stranded.forEach(claim -> leave()); // to an heir
            leave();
        } finally {
            claiming.unlock();
        }
    }

    /** The last of the queue and its claims lets go of the lock. What it could not bring to an end is left to an heir. */
    void leave() {
        if (users.decrementAndGet() == 0) {
            boolean empty = false;
            try (Stream<Path> left = Files.list(own.path())) {
                empty = left.noneMatch(Files::isDirectory);
            } catch (IOException e) {
                LOG.warn("could not look into {}: {}", own.path(), e.toString());
            }
            if (empty) {
                own.close();
            } else {
                own.release();
            }
        }
    }
}
