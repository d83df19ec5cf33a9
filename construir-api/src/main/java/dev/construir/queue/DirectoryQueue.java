package dev.construir.queue;

import dev.construir.image.RootImage;
import dev.construir.machine.Boot;
import dev.construir.ownership.ProcessIdentity;
import dev.construir.text.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory as a queue: jobs appear in {@code queue/}, are claimed into {@code running/}, and end in {@code done/} or
 * {@code failed/}.
 *
 * <pre>{@code
 * try (DirectoryQueue queue = DirectoryQueue.open(Path.of("/srv/jobs"), QueueOptions.DEFAULT);
 *         QueueWorkers workers = QueueWorkers.on(queue, runner).jobs(4).start()) {
 *     Thread.sleep(Duration.ofHours(8).toMillis());
 *     workers.drain();
 * }
 * }</pre>
 *
 * <p>A job is a disk image, plain or compressed ({@code .xz}), or a directory with {@code bin/construir}. It should
 * appear by a rename, from a name that begins with a dot or ends in {@code .part}, or from another directory of the
 * file system; anything else is taken when it has not changed for {@link QueueOptions#settle}. The oldest arrival is
 * taken first; names that begin with {@code p1-} to {@code p4-} come before all others, and {@code p6-} to {@code p9-}
 * after them.
 *
 * <p>There is no state but the directories, and all moves are renames, so that every job is whole in exactly one place
 * whenever a process is killed: it is done, or has failed, as soon as its record ({@code .json}) is there; else it is
 * claimed, if it is below {@code running/}; else it waits. Claims lie in a directory of their process, with a file that
 * it holds locked; a process that finds one whose lock is free publishes complete results and queues all other jobs
 * again. Locks, unlike times, do not depend on clocks. A process that is stopped keeps its locks: it is known by a
 * heartbeat that does not change, and loses its jobs only if {@link QueueOptions#takeOverAfter} says so.
 *
 * <p>Any number of processes may serve a directory, on several hosts if the file system's locks reach that far. It must
 * have hard links.
 *
 * @since 0.1
 */
public final class DirectoryQueue implements JobQueue {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryQueue.class);
    private static final long SOON = Duration.ofSeconds(1).toNanos();

    private final QueueLayout layout;
    private final QueueOptions options;
    private final DurableFileOps changes;
    private final String host = hostName();
    private final FileDigests digests = new FileDigests();
    private final ReentrantLock claiming = new ReentrantLock();

    // guarded by claiming
    private final Inbox inbox;
    private @Nullable ClaimDirectory spare;
    private long lastSweep;
    private long nextSweep;

    private final ClaimDirectories directories;
    private final PeerMonitor peers;
    private final ClaimTakeover heir;
    private final LogThread heartbeatLog = new LogThread();
    private final HeartbeatThread heartbeat;
    private final WarmUp warmUp;
    private final Map<DirectoryClaim, String> open = new ConcurrentHashMap<>(); // with the names for the heartbeat
    private final Queue<DirectoryClaim> kept = new ConcurrentLinkedQueue<>(); // closed, but not ended yet
    private final AtomicInteger users = new AtomicInteger(1); // the queue and its claims
    private volatile boolean closed;

    private DirectoryQueue(
            QueueLayout layout,
            QueueOptions options,
            DurableFileOps changes,
            ClaimDirectories directories,
            Inbox inbox) {
        this.layout = layout;
        this.options = options;
        this.changes = changes;
        this.directories = directories;
        this.inbox = inbox;
        this.lastSweep = System.nanoTime();
        this.nextSweep = lastSweep;
        this.peers = new PeerMonitor(layout.running(), directories::path, options.heartbeat(), heartbeatLog);
        this.heir = new ClaimTakeover(this, changes, directories, peers, ConcurrentHashMap.newKeySet());
        Beat beat = new Beat(new HeartbeatFile(changes, heartbeatLog));
        beat.run(); // the heartbeat must exist before the first claim
        this.heartbeat = HeartbeatThread.start(options.heartbeat(), beat, heartbeatLog);
        this.warmUp = WarmUp.start(options.compression());
    }

    /** Writes a sign of life and looks for those of others. Used by one thread at a time. */
    private final class Beat implements Runnable {
        private final HeartbeatFile file;
        private final ProcessIdentity self = ProcessIdentity.current();
        private final String boot = Heartbeat.thisBoot();
        private long count;

        Beat(HeartbeatFile file) {
            this.file = file;
        }

        @Override
        public void run() {
            Heartbeat next = new Heartbeat(
                    self, host, boot, options.heartbeat(), ++count, Instant.now(), String.join(" ", open.values()));
            directories.present().ifPresent(own -> file.write(own, next));
            peers.look(System.nanoTime());
        }
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
        return open(directory, options, new DurableFileOps());
    }

    static DirectoryQueue open(Path directory, QueueOptions options, DurableFileOps changes) throws IOException {
        Objects.requireNonNull(options, "options");
        QueueLayout layout = QueueLayout.prepare(directory);
        ClaimDirectories directories = ClaimDirectories.open(layout, changes);
        try {
            Inbox inbox = new Inbox(layout.queue(), options, changes);
            try {
                DirectoryQueue queue = new DirectoryQueue(layout, options, changes, directories, inbox);
                try {
                    queue.sweep();
                    return queue;
                } catch (IOException | RuntimeException e) {
                    queue.warmUp.close();
                    queue.heartbeat.close();
                    queue.heartbeatLog.close();
                    throw e;
                }
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
        try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.queue())) {
            for (Path file : files) {
                names += JobFile.isJob(file.getFileName().toString()) ? 1 : 0;
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    /**
     * Finds the processes that serve the same directory and have shown no sign of life for five times the time between
     * two of them, though they are not dead. Their jobs stay with them unless {@link QueueOptions#takeOverAfter} says
     * otherwise.
     *
     * @return what is known of each
     */
    public List<SilentWatcher> silent() {
        return peers.silent();
    }

    private Optional<Claim> next() throws IOException, InterruptedException {
        long now = System.nanoTime();
        boolean isTakeOverDue = now - lastSweep >= SOON
                && !peers.silent(options.takeOverAfter()).isEmpty();
        if (now - nextSweep >= 0 || isTakeOverDue) {
            sweep();
        }
        for (Optional<Inbox.WaitingJob> job = inbox.first(); job.isPresent(); job = inbox.first()) {
            JobFile file = job.get().file();
            if (spare == null || spare.isGone()) {
                spare = directories.add(); // first, as this fails if the disk is full
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

    /** Returns false if another process has the job, or it cannot be moved; other jobs may still be claimed. */
    private boolean take(JobFile file, ClaimDirectory directory) throws IOException {
        try {
            return directory.take(layout, file);
        } catch (IOException e) {
            if (directory.isGone()) {
                throw e;
            }
            inbox.refuse(file.name(), Reason.of(e) + "; let the watcher's user move it, or move it elsewhere");
            return false;
        }
    }

    private DirectoryClaim claim(ClaimDirectory directory, Inbox.WaitingJob job) throws IOException {
        users.incrementAndGet();
        DirectoryClaim claim = new DirectoryClaim(this, directory, job.file(), new RetryRecord(0, job.arrived()));
        try {
            claim.recall();
            open.put(claim, directory.path().getFileName() + ":" + claim.attempt());
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
        lastSweep = System.nanoTime();
        nextSweep = lastSweep + options.rescan().toNanos();
        layout.restore();
        endKept();
        heir.takeAll();
    }

    /** Tries again to end the claims that could not be ended. */
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

    /** Returns a new directory for a result whose claim directory was removed. */
    ClaimDirectory newDirectory() throws IOException {
        return directories.add();
    }

    /** Fails if the queue's directories do not exist. */
    void checkThere() throws IOException {
        layout.check();
    }

    /** Keeps a claim that could not be ended, to try again later. */
    void keep(DirectoryClaim claim) {
        kept.add(claim);
    }

    ClaimTakeover heir() {
        return heir;
    }

    QueueLayout layout() {
        return layout;
    }

    QueueOptions options() {
        return options;
    }

    String host() {
        return host;
    }

    /**
     * Prepares for results of machines that boot an image: their records name it by its digests, and reading a large
     * image takes longer than many a job. It is read in the background, unless its digests were recorded when it was
     * built. Closing the queue stops that.
     *
     * @param root the image
     */
    public void prepareRecords(RootImage root) {
        List<Path> files = new ArrayList<>(List.of(root.disk()));
        if (root.boot() instanceof Boot.Kernel kernel) {
            files.add(kernel.kernel());
            files.add(kernel.initrd());
        }
        digests.begin(files);
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
            inbox.close(); // wakes threads that wait for a job
        } finally {
            claiming.lock(); // waits for a claim in progress, which counts as a user
            try {
                endKept();
                leave();
            } finally {
                claiming.unlock();
            }
        }
    }

    /** Forgets a claim that has ended. */
    void leave(DirectoryClaim claim) {
        open.remove(claim);
        leave();
    }

    /** Releases everything with the last user: the queue or one of its claims. */
    private void leave() {
        if (users.decrementAndGet() == 0) {
            warmUp.close();
            heartbeat.close();
            heartbeatLog.close();
            digests.close();
            directories.close();
        }
    }

    /** Returns where the queue is. */
    @Override
    public String toString() {
        return "queue in " + layout.top();
    }
}
