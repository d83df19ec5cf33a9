package dev.construir.queue;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The place of a claimed job and of its future result. Its content shows how far the work has come, for the process
 * that finds it when the owner is dead:
 *
 * <ul>
 *   <li>the job, under its own name; if it is not here, and no record is, it never came, went back, or is done;
 *   <li>{@code .past}, what was known of it, if it was claimed before;
 *   <li>{@code .back}, its retry record for when it waits again;
 *   <li>{@code .name}, the job's name, {@code .log}, {@code .image.xz} and {@code .done.json} or {@code .failed.json},
 *       the result. The record is written last, so that all is complete when it is there, and is the first to leave, to
 *       the directory of results;
 *   <li>{@code .old}, the directory of a job that has a result, about to be removed;
 *   <li>{@code .fence}, if the claim was taken from a process that may go on: a result that is staged here from then on
 *       is that process's, and void.
 * </ul>
 *
 * <p>Beside it, a link {@code N.taken} that leads nowhere says who took the claim from its owner.
 *
 * @param path the directory
 * @param former where it was before it was taken over, if it was
 * @param changes makes all changes
 */
record ClaimDirectory(Path path, Path former, DurableFileOps changes) {
    private static final String NAME = ".name";
    private static final String PAST = ".past";
    private static final String BACK = ".back";
    private static final Path RESERVED = Path.of("..", "running");
    private static final String OLD = ".old";
    private static final String FENCE = ".fence";
    private static final String UNPLACED = ".unplaced";
    private static final String TAKEN = ".taken";
    private static final String DONE = ".done.json";
    private static final String FAILED = ".failed.json";
    private static final int LONGEST_NAME = 1000;

    ClaimDirectory(Path path, DurableFileOps changes) {
        this(path, path, changes);
    }

    Path job(JobFile file) {
        return path.resolve(file.name());
    }

    boolean hasJob(JobFile file) {
        return Files.exists(job(file), LinkOption.NOFOLLOW_LINKS);
    }

    /** Returns whether it was removed or moved. */
    boolean isGone() {
        return !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    Path log() {
        return path.resolve(".log");
    }

    Path image() {
        return path.resolve(".image.xz");
    }

    /** Returns the path of a result's record, which is written last. */
    Path record(boolean failure) {
        return path.resolve(failure ? FAILED : DONE);
    }

    Path record() {
        return record(isFailure());
    }

    boolean isFailure() {
        return Files.exists(record(true));
    }

    boolean isComplete() {
        return !isFenced() && (isFailure() || Files.exists(record(false)));
    }

    private boolean isFenced() {
        return Files.exists(path.resolve(FENCE), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Voids what the former owner stages here from now on, by a call during which it was stopped. A result that is
     * complete already counts.
     */
    void fence() throws IOException {
        if (!isComplete() && !isFenced()) {
            changes.point(path.resolve(FENCE), Path.of("taken"));
        }
    }

    private Path taken() {
        return path.resolveSibling(path.getFileName() + TAKEN);
    }

    /** Leaves a note for the owner that this was taken over, not removed. Must come before the move. */
    void sayTakenBy(String whom) throws IOException {
        try {
            changes.point(taken(), Path.of(whom));
        } catch (
                @SuppressWarnings("unused")
                FileAlreadyExistsException e) {
            // another process takes it over as well, or died doing so
        }
    }

    /** Returns who took this over, if it is gone for that reason. */
    Optional<String> takenBy() {
        try {
            return isGone() ? Optional.of(Files.readSymbolicLink(taken()).toString()) : Optional.empty();
        } catch (
                @SuppressWarnings("unused")
                IOException e) {
            return Optional.empty();
        }
    }

    /** Removes what {@link #sayTakenBy} left. */
    void forgetTaken() throws IOException {
        changes.remove(taken());
    }

    /** Makes a result complete whose log and image are written. */
    void stage(JobFile file, ResultRecord record, boolean failure) throws IOException {
        changes.write(path.resolve(NAME), file.name()); // names the result once the job has left
        changes.write(record(failure), record.toString());
        if (isFenced()) {
            changes.remove(path.resolve(FENCE)); // the result is this owner's
        }
        changes.syncDirectory(path);
    }

    /** Returns the job that lies here, or lay here and has a result; empty if there is none. */
    Optional<JobFile> file() throws IOException {
        if (isComplete()) {
            return Optional.of(stagedName());
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (JobFile.isJob(name) && !isReservation(file)) {
                    return Optional.of(new JobFile(name));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return Optional.empty();
    }

    private JobFile stagedName() throws IOException {
        Path file = path.resolve(NAME);
        String name = Files.size(file) <= LONGEST_NAME ? Files.readString(file) : "";
        if (name.isEmpty() || name.indexOf('/') >= 0 || !JobFile.isJob(name)) {
            throw new IOException(file + " holds no job's name; see to the result beside it by hand");
        }
        return new JobFile(name);
    }

    /** Takes a job out of the queue. Returns false if another process has taken it, or if it was a dead reservation. */
    boolean take(QueueLayout layout, JobFile file) throws IOException {
        try {
            changes.rename(layout.queue().resolve(file.name()), job(file));
            if (isReservation(job(file))) {
                changes.remove(job(file));
                return false;
            }
            return true;
        } catch (NoSuchFileException e) {
            if (isGone()) {
                throw e;
            }
            return false;
        }
    }

    /** Returns the retry record of the job, moving it here if it is still in the queue; empty if there is none. */
    Optional<RetryRecord> past(QueueLayout layout, JobFile file) throws IOException {
        Path own = path.resolve(PAST);
        Optional<RetryRecord> here = RetryRecord.read(own, job(file));
        Optional<Path> beside = file.past().map(layout.queue()::resolve);
        if (here.isPresent() || beside.isEmpty()) {
            return here;
        }
        Optional<RetryRecord> there = RetryRecord.read(beside.get(), job(file));
        if (there.isPresent()) { // else it belongs to another job, which is on its way back
            changes.rename(beside.get(), own);
        }
        return there;
    }

    /** Puts the job back into the queue, under a free name. Can be repeated after a failure at any point. */
    void giveBack(QueueLayout layout, JobFile file, RetryRecord past) throws IOException {
        removeResult();
        boolean isDirectory = Files.isDirectory(job(file), LinkOption.NOFOLLOW_LINKS);
        for (int number = 1; ; number++) {
            JobFile back = file.numbered(number);
            Path target = layout.queue().resolve(back.name());
            if (isDirectory ? isFree(target) : isReserved(layout, target)) {
                try {
                    if (isBack(layout, file, back, past)) {
                        return;
                    }
                } catch (IOException e) {
                    if (isGone() && isOurs(layout, target)) { // taken over: the job will not replace this reservation
                        changes.remove(target);
                    }
                    throw e;
                }
            }
        }
    }

    /** Returns false if another job has taken the name, which must stay. */
    private boolean isBack(QueueLayout layout, JobFile file, JobFile back, RetryRecord past) throws IOException {
        Path target = layout.queue().resolve(back.name());
        Path beside = layout.queue().resolve(back.past().orElseThrow());
        boolean isDirectory = Files.isDirectory(job(file), LinkOption.NOFOLLOW_LINKS);
        past.write(path.resolve(BACK), job(file), changes);
        changes.rename(path.resolve(BACK), beside);
        try {
            if (isDirectory || isOurs(layout, target)) {
                changes.rename(job(file), target);
                return true;
            }
        } catch (FileSystemException e) {
            if (!isDirectory || isFree(target)) {
                throw e;
            }
        }
        recall(beside);
        return false;
    }

    /**
     * Takes back a file that came from here. A move fails if this was taken over; a removal would delete the new
     * owner's file.
     */
    void recall(Path file) throws IOException {
        changes.remove(
                path.resolve(UNPLACED)); // left by a dead process; renaming onto a link to the same file does nothing
        changes.rename(file, path.resolve(UNPLACED));
        changes.remove(path.resolve(UNPLACED));
    }

    private static boolean isFree(Path target) {
        return !Files.exists(target, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Reserves a name by a link to this directory, which the job then replaces. Dead processes leave links that lead
     * nowhere.
     */
    private boolean isReserved(QueueLayout layout, Path name) throws IOException {
        try {
            changes.point(name, layout.queue().relativize(path));
            return true;
        } catch (
                @SuppressWarnings("unused")
                FileAlreadyExistsException e) {
            return isOurs(layout, name);
        }
    }

    private boolean isOurs(QueueLayout layout, Path name) throws IOException {
        if (!Files.isSymbolicLink(name)) {
            return false;
        }
        Path target = Files.readSymbolicLink(name);
        return target.equals(layout.queue().relativize(path))
                || target.equals(layout.queue().relativize(former));
    }

    /** Returns whether a path is a reservation. */
    static boolean isReservation(Path link) throws IOException {
        return Files.isSymbolicLink(link) && Files.readSymbolicLink(link).startsWith(RESERVED);
    }

    /**
     * Removes an unfinished result, but not the job. The record goes first: with it the result would count as complete.
     */
    void removeResult() throws IOException {
        changes.remove(record(true));
        changes.remove(record(false));
        changes.remove(image());
        changes.remove(log());
    }

    /** Removes a job that has a result, in one step. */
    void removeJob(JobFile file) throws IOException {
        if (Files.isDirectory(job(file), LinkOption.NOFOLLOW_LINKS)) {
            changes.rename(job(file), path.resolve(OLD));
        } else {
            changes.remove(job(file));
        }
    }

    /** Removes what is left when the job is no longer here. */
    void remove() throws IOException {
        if (isFenced()) {
            removeResult(); // before the fence
        }
        changes.removeTree(path);
    }
}
