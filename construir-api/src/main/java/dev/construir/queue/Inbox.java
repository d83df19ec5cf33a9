package dev.construir.queue;

import dev.construir.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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
    record Stamp(Object key, boolean isDirectory, long size, FileTime modified, FileTime changed) {}

    /** Something that may have to settle. */
    private record Seen(Stamp stamp, long since) {}

    /** Something that can be taken. */
    record Waiting(JobFile file, Instant arrived, Stamp stamp) {}

    private static final String ENTRY_POINT = "bin/construir";
    private static final Comparator<Waiting> ORDER = Comparator.comparing(Waiting::file, JobFile.BY_PRIORITY)
            .thenComparing(Waiting::arrived)
            .thenComparing(ready -> ready.file().name());

    private final Path directory;
    private final long settleNanos;
    private final long rescanNanos;
    private final Changes changes;
    private final WatchService watch;
    private final PriorityQueue<Waiting> ready = new PriorityQueue<>(ORDER);
    private final Set<String> known = new HashSet<>(); // the names in it
    private final Map<String, Seen> settling = new HashMap<>();
    private final SkippedEntryLog refusals = new SkippedEntryLog();
    private Set<String> stale = Set.of(); // what told the past of jobs that were not there any more
    private @Nullable WatchKey watched;
    private @Nullable Object watchedKey;
    private long nextScan;

    Inbox(Path directory, QueueOptions options, Changes changes) throws IOException {
        this.directory = directory;
        this.changes = changes;
        this.settleNanos = options.settle().toNanos();
        this.rescanNanos = options.rescan().toNanos();
        this.watch = directory.getFileSystem().newWatchService();
        this.nextScan = System.nanoTime();
        try {
            listen();
        } catch (IOException | RuntimeException e) {
            watch.close();
            throw e;
        }
    }

    /** Has the file system tell what comes, also when the directory has been away, or is another by now. */
    private void listen() throws IOException {
        Object key = Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
        if (watched == null || !watched.isValid() || !Objects.equals(key, watchedKey)) {
            if (watched != null) {
                watched.cancel();
            }
            watched = directory.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            watchedKey = key;
        }
    }

    /** Returns the next name to be taken, or empty if there is none now. */
    Optional<Waiting> first() throws IOException, InterruptedException {
        for (WatchKey key = heard(0); key != null; key = heard(0)) {
            hear(key);
        }
        long now = System.nanoTime();
        if (now - nextScan >= 0) {
            scan();
            nextScan = now + rescanNanos;
        }
        settle(now);
        for (Waiting first = ready.peek(); first != null; first = ready.peek()) {
            if (isAsSeen(first)) {
                return Optional.of(first);
            }
            remove(first.file());
            look(Path.of(first.file().name())); // something else may have come under the name
        }
        return Optional.empty();
    }

    private boolean isAsSeen(Waiting seen) {
        try {
            return stamp(directory.resolve(seen.file().name())).equals(seen.stamp());
        } catch (
                @SuppressWarnings("unused")
                IOException e) {
            return false;
        }
    }

    /** Forgets the first, which is about to be taken. What is there at the next scan is found again. */
    void remove(JobFile first) {
        ready.poll();
        known.remove(first.name());
    }

    /** Tells that a job cannot be taken, once. */
    void refuse(String name, String why) {
        refusals.add(name, why);
    }

    /** Waits until it is worth another look, or for so long. */
    void await(long nanos) throws InterruptedException {
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

    private void hear(WatchKey key) {
        for (WatchEvent<?> event : key.pollEvents()) {
            if (event.context() instanceof Path name) {
                look(name);
            } else { // more than was kept
                nextScan = System.nanoTime();
            }
        }
        if (!key.reset()) { // the directory has vanished
            nextScan = System.nanoTime();
        }
    }

    private void scan() throws IOException {
        Set<String> here = new HashSet<>();
        try {
            listen();
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
                for (Path file : files) {
                    here.add(file.getFileName().toString());
                    look(file.getFileName());
                }
            }
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(
                    directory.toString(), null, "the queue's directory has vanished; bring it back, or mount it again");
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        settling.keySet().retainAll(here);
        refusals.retain(here);
        removeStale(here);
    }

    /** Removes what tells the past of jobs that somebody has removed, if that was so at two scans: jobs on their way back come behind it. */
    private void removeStale(Set<String> here) throws IOException {
        Set<String> now = here.stream()
                .filter(name ->
                        JobFile.ofPast(name).filter(job -> !here.contains(job)).isPresent())
                .collect(Collectors.toSet());
        for (String name : now) {
            if (stale.contains(name)) {
                changes.remove(directory.resolve(name));
            }
        }
        stale = now;
    }

    private void look(Path file) {
        String name = file.toString();
        if (!JobFile.isJob(name) || known.contains(name)) {
            return;
        }
        try {
            if (!isText(file)) {
                refuse(name, "its name is no text in this locale, LC_ALL=C.UTF-8 may help; rename it");
                return;
            }
            Path path = directory.resolve(name);
            boolean isReservation = ClaimDirectory.isReservation(path);
            if (isReservation && Files.exists(path)) {
                settling.remove(name); // for a job on its way back
                return;
            }
            Stamp stamp = stamp(path);
            if (isReservation) {
                add(
                        name,
                        stamp); // left by one that died: moved away first, as a job may have come in its place by then
                return;
            }
            if (stamp.size() == 0) {
                settling.remove(name);
            } else if (settleNanos == 0 || wasRenamed(name, stamp) || hasSettled(name, stamp)) {
                add(name, stamp);
            }
        } catch (
                @SuppressWarnings("unused")
                NoSuchFileException e) {
            settling.remove(name); // taken by somebody else, or away again
        } catch (IOException e) {
            settling.remove(name); // the next scan looks at it again
            refuse(name, Reason.of(e));
        }
    }

    /** Tells whether a name is still the same when it was a text: not every sequence of bytes is one. */
    private static boolean isText(Path name) {
        try {
            return Path.of(name.toString()).equals(name);
        } catch (
                @SuppressWarnings("unused")
                InvalidPathException e) {
            return false;
        }
    }

    // A directory that is being filled may have had its mode changed.
    private boolean wasRenamed(String name, Stamp stamp) {
        return !stamp.changed().equals(stamp.modified())
                && (!stamp.isDirectory() || Files.exists(directory.resolve(name).resolve(ENTRY_POINT)));
    }

    private boolean hasSettled(String name, Stamp stamp) {
        long now = System.nanoTime();
        Seen before = settling.get(name);
        if (before == null || !before.stamp().equals(stamp)) {
            settling.put(name, new Seen(stamp, now));
            return false;
        }
        return now - before.since() >= settleNanos;
    }

    /** Looks at what should have settled by now. */
    private void settle(long now) {
        List<String> due = settling.entrySet().stream()
                .filter(entry -> now - entry.getValue().since() >= settleNanos)
                .map(Map.Entry::getKey)
                .toList();
        due.forEach(name -> look(Path.of(name)));
    }

    private void add(String name, Stamp stamp) throws IOException {
        settling.remove(name);
        if (!known.contains(name)) {
            JobFile file = new JobFile(name);
            Optional<Path> beside = file.past().map(directory::resolve);
            Optional<Past> past =
                    beside.isPresent() ? Past.read(beside.get(), directory.resolve(name)) : Optional.empty();
            Instant arrived = past.map(Past::arrived).orElse(stamp.changed().toInstant());
            ready.add(new Waiting(file, arrived, stamp));
            known.add(name);
        }
    }

    // What is neither a file nor a directory can never be a job, however small; it is taken, to be refused where people
    // look.
    private static Stamp stamp(Path file) throws IOException {
        BasicFileAttributes own = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        FileTime changed = (FileTime) Files.getAttribute(file, "unix:ctime", LinkOption.NOFOLLOW_LINKS);
        return new Stamp(
                String.valueOf(own.fileKey()),
                own.isDirectory(),
                own.isDirectory() ? contents(file) : own.isRegularFile() ? own.size() : 1,
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
