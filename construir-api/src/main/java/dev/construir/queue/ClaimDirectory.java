package dev.construir.queue;

import dev.construir.scratch.Removal;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a claimed job lies, with what is to become its result. What is here tells how far things have come, to whoever finds it when the
 * owner is dead:
 *
 * <ul>
 *   <li>the job, under its own name;
 *   <li>{@code .past}, what was known of it, if it was claimed before;
 *   <li>{@code .name}, the job's name, {@code .log}, {@code .image.xz} and {@code .done.json} or {@code .failed.json}, the result. The record is
 *       written last, so that all is complete when it is there, and removed last.
 * </ul>
 *
 * @param path the directory
 */
record ClaimDirectory(Path path) {
    private static final String NAME = ".name";
    private static final String PAST = ".past";
    private static final Path RESERVED = Path.of("..", "running");
    private static final String DONE = ".done.json";
    private static final String FAILED = ".failed.json";

    Path job(JobFile file) {
        return path.resolve(file.name());
    }

    Path log() {
        return path.resolve(".log");
    }

    Path image() {
        return path.resolve(".image.xz");
    }

    /** Returns where the record of a result is to be written, after everything else. */
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
        return isFailure() || Files.exists(record(false));
    }

    /** Writes down what the job's name was, for when it has moved on. */
    void keepName(JobFile file) throws IOException {
        Files.writeString(path.resolve(NAME), file.name());
    }

    /** Returns the job that lies here or lay here, or empty if there is none, as it never came or went back. */
    Optional<JobFile> file() throws IOException {
        if (isComplete()) {
            return Optional.of(new JobFile(Files.readString(path.resolve(NAME))));
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (JobFile.isJob(name)) {
                    return Optional.of(new JobFile(name));
                }
            }
        }
        return Optional.empty();
    }

    /** Takes a job out of the queue. Returns false if somebody else has. */
    boolean take(Folders folders, JobFile file) throws IOException {
        try {
            Durable.rename(folders.queue().resolve(file.name()), job(file));
        } catch (NoSuchFileException e) {
            return false;
        }
        return true;
    }

    /** Takes what is known of a job out of the queue, too. */
    void takePast(Folders folders, JobFile file) throws IOException {
        try {
            Durable.rename(folders.queue().resolve(Past.nameFor(file)), path.resolve(PAST));
        } catch (
                @SuppressWarnings("unused")
                NoSuchFileException e) {
            // nothing is
        }
    }

    /** Returns what was known of the job when it was claimed. */
    Past past(JobFile file, Past otherwise) throws IOException {
        return Past.read(path.resolve(PAST), job(file), otherwise);
    }

    /** Puts the job back into the queue, under a name that nothing there has. */
    void giveBack(Folders folders, JobFile file, Past past) throws IOException {
        boolean isDirectory = Files.isDirectory(job(file), LinkOption.NOFOLLOW_LINKS);
        for (int number = 1; ; number++) {
            JobFile back = file.numbered(number);
            if (isDirectory ? isFree(folders, back) : isReserved(folders, back)) {
                past.write(folders.queue().resolve(Past.nameFor(back)), job(file));
                try {
                    Durable.rename(job(file), folders.queue().resolve(back.name()));
                    break;
                } catch (FileSystemException e) {
                    if (!isDirectory || isFree(folders, back)) {
                        throw e;
                    } // else another came, which it cannot replace
                }
            }
        }
        remove(file);
    }

    /** Tells whether a link in the queue is such a one. One that leads to a claim that is no more is removed. */
    static boolean isReservation(Path link) throws IOException {
        Path target = Files.readSymbolicLink(link);
        if (!target.startsWith(RESERVED)) {
            return false;
        }
        if (Files.notExists(link.resolveSibling(target), LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(link);
        }
        return true;
    }

    private static boolean isFree(Folders folders, JobFile file) {
        return !Files.exists(folders.queue().resolve(file.name()), LinkOption.NOFOLLOW_LINKS);
    }

    /** Makes a link to this place, which is no job, and which the job then replaces. What of them is left by the dead leads nowhere. */
    private boolean isReserved(Folders folders, JobFile file) throws IOException {
        Path name = folders.queue().resolve(file.name());
        Path target = folders.queue().relativize(path);
        try {
            Files.createSymbolicLink(name, target);
            return true;
        } catch (
                @SuppressWarnings("unused")
                FileAlreadyExistsException e) {
            return Files.isSymbolicLink(name) && Files.readSymbolicLink(name).equals(target);
        }
    }

    /** Removes everything: first the log, what tells that the result is still to be published, and last what tells that the job is done. */
    void remove(JobFile file) throws IOException {
        Files.deleteIfExists(log());
        Removal.delete(job(file));
        Files.deleteIfExists(image());
        Files.deleteIfExists(path.resolve(PAST));
        boolean unused = Files.deleteIfExists(record(false)) || Files.deleteIfExists(record(true));
        Removal.delete(path);
    }

    /** Removes what an attempt has begun to write, but not the job. */
    void removeResult() throws IOException {
        Files.deleteIfExists(record(true));
        Files.deleteIfExists(record(false));
        Files.deleteIfExists(image());
        Files.deleteIfExists(log());
    }
}
