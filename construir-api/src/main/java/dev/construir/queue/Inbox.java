package dev.construir.queue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What waits in the queue's directory, in the order in which it is to be taken. Knows of new arrivals by the file system's
 * notifications, and by a look at everything now and then. Not safe for use by many threads, but for being
 * closed.
 *
 * <p>What appeared by a rename is whole, and is told by its times: renaming sets the time of the last change of the inode (ctime) and
 * leaves that of the content (mtime), while writing sets both. What is empty is no job yet. Everything else has to stay as it is for a while; how long, the process's
 * own clock tells, which never jumps.
 */
final class Inbox implements AutoCloseable {
    /** What tells that something has changed. */
    private record Stamp(Object key, boolean isDirectory, long size, FileTime modified, FileTime changed) {}

    /** Something that may have to settle. */
    private record Seen(Stamp stamp, long since) {}

    /** Something that can be taken. */
    record Waiting(JobFile file, Instant arrived) {}

    private static final String ENTRY_POINT = "bin/construir";
    private static final Comparator<Waiting> ORDER = Comparator.comparing(Waiting::file, JobFile.BY_PRIORITY)
            .thenComparing(Waiting::arrived)
            .thenComparing(ready -> ready.file().name());

    private final Path directory;
    private final long settleNanos;
    private final long rescanNanos;
    private final WatchService watch;
    private final PriorityQueue<Waiting> ready = new PriorityQueue<>(ORDER);
    private final Set<String> known = new HashSet<>(); // the names in it
    private final Map<String, Seen> settling = new HashMap<>();
    private long nextScan;

    Inbox(Path directory, QueueOptions options) throws IOException {
        this.directory = directory;
        this.settleNanos = options.settle().toNanos();
        this.rescanNanos = options.rescan().toNanos();
        this.watch = directory.getFileSystem().newWatchService();
        this.nextScan = System.nanoTime();
        try {
            directory.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
        } catch (IOException | RuntimeException e) {
            watch.close();
            throw e;
        }
    }

    /** Returns the next name to be taken, or empty if there is none now. Somebody else may have taken it by now. */
    Optional<Waiting> next() throws IOException, InterruptedException {
        for (WatchKey key = heard(0); key != null; key = heard(0)) {
            hear(key);
        }
        long now = System.nanoTime();
        if (now - nextScan >= 0) {
            scan();
            nextScan = now + rescanNanos;
        }
        settle(now);
        Waiting first = ready.poll();
        if (first != null) {
            known.remove(first.file().name());
        }
        return Optional.ofNullable(first);
    }

    /** Waits until it is worth another look, or for so long. */
    void await(long nanos) throws IOException, InterruptedException {
        long now = System.nanoTime();
        long until = Math.min(nanos, nextScan - now);
        for (Seen seen : settling.values()) {
            until = Math.min(until, seen.since() + settleNanos - now);
        }
        WatchKey key = heard(Math.max(until, 1_000_000));
        if (key != null) {
            hear(key);
        }
    }

    /** Returns null if nothing was heard in time, or nothing ever will be, as this was closed. */
    private @Nullable WatchKey heard(long nanos) throws InterruptedException {
        try {
            return nanos == 0 ? watch.poll() : watch.poll(nanos, TimeUnit.NANOSECONDS);
        } catch (
                @SuppressWarnings("unused")
                ClosedWatchServiceException e) {
            return null;
        }
    }

    private void hear(WatchKey key) throws IOException {
        for (WatchEvent<?> event : key.pollEvents()) {
            if (event.context() instanceof Path name) {
                look(name.toString());
            } else { // more than was kept
                nextScan = System.nanoTime();
            }
        }
        if (!key.reset()) {
            throw new NoSuchFileException(directory.toString(), null, "the queue's directory has vanished");
        }
    }

    private void scan() throws IOException {
        Set<String> gone = new HashSet<>(settling.keySet());
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                gone.remove(name);
                look(name);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        settling.keySet().removeAll(gone);
    }

    private void look(String name) throws IOException {
        if (!JobFile.isJob(name) || known.contains(name)) {
            return;
        }
        try {
            Path path = directory.resolve(name);
            if (Files.isSymbolicLink(path) && ClaimDirectory.isReservation(path)) {
                return;
            }
            Stamp stamp = stamp(path);
            if (stamp.size() == 0) {
                return;
            }
            if (settleNanos == 0 || wasRenamed(name, stamp)) {
                add(name, stamp);
            } else {
                Seen before = settling.get(name);
                if (before == null || !before.stamp().equals(stamp)) {
                    settling.put(name, new Seen(stamp, System.nanoTime()));
                }
            }
        } catch (NoSuchFileException e) {
            settling.remove(name); // taken by somebody else, or away again
        }
    }

    // A directory that is being filled may have had its mode changed.
    private boolean wasRenamed(String name, Stamp stamp) {
        return !stamp.changed().equals(stamp.modified())
                && (!stamp.isDirectory() || Files.exists(directory.resolve(name).resolve(ENTRY_POINT)));
    }

    private void settle(long now) throws IOException {
        for (Map.Entry<String, Seen> entry : Map.copyOf(settling).entrySet()) {
            Seen seen = entry.getValue();
            if (now - seen.since() >= settleNanos) {
                look(entry.getKey()); // is put off if it has changed
                if (seen.equals(settling.get(entry.getKey()))) {
                    add(entry.getKey(), seen.stamp());
                }
            }
        }
    }

    private void add(String name, Stamp stamp) throws IOException {
        settling.remove(name);
        if (known.add(name)) {
            JobFile file = new JobFile(name);
            Path path = directory.resolve(name);
            Past arrived = new Past(0, stamp.changed().toInstant());
            Past past = Past.read(directory.resolve(Past.nameFor(file)), path, arrived);
            ready.add(new Waiting(file, past.arrived()));
        }
    }

    private static Stamp stamp(Path file) throws IOException {
        BasicFileAttributes own = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        FileTime changed = (FileTime) Files.getAttribute(file, "unix:ctime", LinkOption.NOFOLLOW_LINKS);
        return new Stamp(
                String.valueOf(own.fileKey()),
                own.isDirectory(),
                own.isDirectory() ? contents(file) : own.size(),
                own.lastModifiedTime(),
                changed);
    }

    /** Returns a number that changes when something in a directory does. */
    private static long contents(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            long sum = 0;
            for (Path file : (Iterable<Path>) all::iterator) {
                BasicFileAttributes attributes =
                        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                long time = attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
                sum = file.equals(directory) ? 0 : sum * 31 + attributes.size() + time;
            }
            return sum;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Ends a wait of another thread, too. */
    @Override
    public void close() throws IOException {
        watch.close();
    }
}
