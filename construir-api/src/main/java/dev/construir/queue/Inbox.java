package dev.construir.queue;

import dev.construir.text.Reason;
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
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that wait in the queue's directory, in the order of their claims. Finds new arrivals by the file system's
 * notifications and by regular scans. Not safe for use by many threads, except for {@link #close}.
 *
 * <p>What appeared by a rename is whole, and is recognised by its times: renaming sets the time of the last change of
 * the inode (ctime) and leaves that of the content (mtime), while writing sets both. Empty entries are not jobs yet.
 * Everything else must stay unchanged for a while, by a monotonic clock.
 */
final class Inbox implements AutoCloseable {
    /** The times and sizes that show a change. */
    record EntryStamp(Object key, boolean isDirectory, long size, FileTime modified, FileTime changed) {}

    /** Something that can be taken. */
    record WaitingJob(JobFile file, Instant arrived, EntryStamp stamp) {}

    private static final String ENTRY_POINT = "bin/construir";
    /** After how many settling times an entry that cannot be taken is reported. */
    private static final int IGNORED_FOR = 5;

    private static final int CHANGING_FOR = 30;
    private static final String RENAME = "fill it under a name that begins with a dot, then rename it";
    private static final Comparator<WaitingJob> ORDER = Comparator.comparing(WaitingJob::file, JobFile.BY_PRIORITY)
            .thenComparing(WaitingJob::arrived)
            .thenComparing(ready -> ready.file().name());

    private final Path directory;
    private final long settleNanos;
    private final String settle;
    private final long rescanNanos;
    private final DurableFileOps changes;
    private final WatchService watch;
    private final PriorityQueue<WaitingJob> ready = new PriorityQueue<>(ORDER);
    private final Set<String> known = new HashSet<>(); // the names in ready
    private final SettlingEntries settling;
    private final SettlingEntries ignored; // entries that are not jobs as they are
    private final SkippedEntryLog refusals = new SkippedEntryLog();
    private final SkippedEntryLog hints = new SkippedEntryLog();
    private Set<String> stale = Set.of(); // records whose jobs were gone at the last scan
    private @Nullable WatchKey watched;
    private @Nullable Object watchedKey;
    private long nextScan;

    Inbox(Path directory, QueueOptions options, DurableFileOps changes) throws IOException {
        this.directory = directory;
        this.changes = changes;
        this.settleNanos = options.settle().toNanos();
        this.settle = options.settle().toMillis() / 1000.0 + " s";
        this.settling = new SettlingEntries(settleNanos);
        this.ignored = new SettlingEntries(IGNORED_FOR * settleNanos);
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

    /** Registers for the file system's notifications, again if the directory has been away or replaced. */
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

    /** Returns the next job to claim, or empty if there is none now. */
    Optional<WaitingJob> first() throws IOException, InterruptedException {
        for (WatchKey key = heard(0); key != null; key = heard(0)) {
            handle(key);
        }
        long now = System.nanoTime();
        if (now - nextScan >= 0) {
            scan();
            nextScan = now + rescanNanos;
        }
        settle(now);
        for (WaitingJob first = ready.peek(); first != null; first = ready.peek()) {
            if (isAsSeen(first)) {
                return Optional.of(first);
            }
            remove(first.file());
            look(Path.of(first.file().name())); // another entry may have taken the name
        }
        return Optional.empty();
    }

    private boolean isAsSeen(WaitingJob seen) {
        try {
            return stamp(directory.resolve(seen.file().name())).equals(seen.stamp());
        } catch (
                @SuppressWarnings("unused")
                IOException e) {
            return false;
        }
    }

    /** Forgets a job that is about to be claimed. If it is still there, the next scan finds it again. */
    void remove(JobFile first) {
        ready.poll();
        known.remove(first.name());
    }

    /** Reports once that a job cannot be taken. */
    void refuse(String name, String why) {
        refusals.add(name, why);
    }

    /** Waits until something may be new, but no longer than given. */
    void await(long nanos) throws InterruptedException {
        long now = System.nanoTime();
        long until = Math.min(nanos, nextScan - now);
        until = Math.min(until, Math.min(settling.untilDue(now), ignored.untilDue(now)));
        WatchKey key = heard(Math.max(until, 1_000_000));
        if (key != null) {
            handle(key);
        }
    }

    /** Returns null if no notification came in time, or this was closed. */
    private @Nullable WatchKey heard(long nanos) throws InterruptedException {
        try {
            return nanos == 0 ? watch.poll() : watch.poll(nanos, TimeUnit.NANOSECONDS);
        } catch (
                @SuppressWarnings("unused")
                ClosedWatchServiceException e) {
            return null;
        }
    }

    private void handle(WatchKey key) {
        for (WatchEvent<?> event : key.pollEvents()) {
            if (event.context() instanceof Path name) {
                look(name);
            } else { // notifications were lost
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
        settling.retain(here);
        ignored.retain(here);
        refusals.retain(here);
        hints.retain(here);
        removeStale(here);
    }

    /** Removes retry records without a job if two scans found none: a job on its way back comes after its record. */
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
        if (known.contains(name)) {
            return;
        }
        try {
            if (!isText(file)) {
                refuse(name, "its name is no text in this locale; rename it, or start the watcher with LC_ALL=C.UTF-8");
            } else if (!JobFile.isJob(name)) {
                lookAtHidden(name);
            } else {
                look(name, directory.resolve(name));
            }
        } catch (
                @SuppressWarnings("unused")
                NoSuchFileException e) {
            forget(name); // claimed by another process, or removed
        } catch (IOException e) {
            forget(name); // the next scan looks at it again
            refuse(name, Reason.of(e) + "; let the watcher's user read it and all that is in it");
        }
    }

    private void forget(String name) {
        settling.forget(name);
        ignored.forget(name);
    }

    private void look(String name, Path path) throws IOException {
        boolean isReservation = ClaimDirectory.isReservation(path);
        if (isReservation && Files.exists(path)) {
            settling.forget(name); // its job is on its way back
            return;
        }
        EntryStamp stamp = stamp(path);
        if (stamp.size() == 0) {
            settling.forget(name);
            hint(name, stamp, "it is empty; " + RENAME);
            return;
        }
        ignored.forget(name);
        if (isReservation || settleNanos == 0 || wasRenamed(name, stamp) || settling.hasSettled(name, stamp)) {
            // A dead reservation is claimed like a job, not removed here: a job may have replaced it meanwhile.
            add(name, stamp);
        } else if (settling.unsettled(name) >= CHANGING_FOR * settleNanos) {
            hints.add(name, "it keeps changing, and must not have changed for " + settle + "; " + RENAME);
        }
    }

    private void lookAtHidden(String name) throws IOException {
        if (JobFile.ofPast(name).isEmpty() && !hints.knows(name)) {
            hint(
                    name,
                    stamp(directory.resolve(name)),
                    name.startsWith(".")
                            ? "its name begins with a dot; rename it if it is a job, and complete"
                            : "its name ends in .part; rename it if it is a job, and complete");
        }
    }

    /** Reports why an entry is not taken, once it has stayed so for a while: it may still become a job. */
    private void hint(String name, EntryStamp stamp, String why) {
        if (hints.knows(name)) {
            ignored.forget(name);
        } else if (ignored.hasSettled(name, stamp)) {
            ignored.forget(name);
            hints.add(name, why);
        }
    }

    /** Returns whether a name survives conversion to text: not every sequence of bytes does. */
    private static boolean isText(Path name) {
        try {
            return Path.of(name.toString()).equals(name);
        } catch (
                @SuppressWarnings("unused")
                InvalidPathException e) {
            return false;
        }
    }

    // A change of mode sets only ctime as well, perhaps of a directory that is still being filled.
    private boolean wasRenamed(String name, EntryStamp stamp) {
        return !stamp.changed().equals(stamp.modified())
                && (!stamp.isDirectory() || Files.exists(directory.resolve(name).resolve(ENTRY_POINT)));
    }

    /** Looks at entries that should have settled by now. */
    private void settle(long now) {
        settling.due(now).forEach(name -> look(Path.of(name)));
        ignored.due(now).forEach(name -> look(Path.of(name)));
    }

    private void add(String name, EntryStamp stamp) throws IOException {
        forget(name);
        if (!known.contains(name)) {
            JobFile file = new JobFile(name);
            Optional<Path> beside = file.past().map(directory::resolve);
            Optional<RetryRecord> past =
                    beside.isPresent() ? RetryRecord.read(beside.get(), directory.resolve(name)) : Optional.empty();
            Instant arrived =
                    past.map(RetryRecord::arrived).orElse(stamp.changed().toInstant());
            ready.add(new WaitingJob(file, arrived, stamp));
            known.add(name);
        }
    }

    // Pipes, sockets and devices are never jobs; they are claimed all the same, so that users see the refusal.
    private static EntryStamp stamp(Path file) throws IOException {
        BasicFileAttributes own = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        FileTime changed = (FileTime) Files.getAttribute(file, "unix:ctime", LinkOption.NOFOLLOW_LINKS);
        return new EntryStamp(
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

    /** Also wakes a waiting thread. */
    @Override
    public void close() throws IOException {
        watch.close();
    }
}
