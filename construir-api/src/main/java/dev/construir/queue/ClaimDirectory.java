package dev.construir.queue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a claimed job lies, with what is to become its result. What is here tells how far things have come, to whoever finds it when the
 * owner is dead:
 *
 * <ul>
 *   <li>the job, under its own name;
 *   <li>{@code .attempts}, how many of them were in vain before, if there were;
 *   <li>{@code .name}, the job's name, {@code .log}, {@code .image.xz} and {@code .done.json} or {@code .failed.json}, the result. The record is
 *       written last, so that all is complete when it is there, and removed last.
 * </ul>
 *
 * @param path the directory
 */
record ClaimDirectory(Path path) {
    private static final String NAME = ".name";
    private static final String ATTEMPTS = ".attempts";
    private static final String DONE = ".done.json";
    private static final String FAILED = ".failed.json";
    private static final int LONGEST_NUMBER = 10;

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
        try {
            Durable.rename(folders.queue().resolve(waitingAttempts(file)), path.resolve(ATTEMPTS));
        } catch (
                @SuppressWarnings("unused")
                NoSuchFileException e) {
            // the first attempt
        }
        return true;
    }

    private static String waitingAttempts(JobFile file) {
        return "." + file.name() + ATTEMPTS;
    }

    /** Returns how many attempts were in vain before this one. */
    int attempts() throws IOException {
        Path file = path.resolve(ATTEMPTS);
        try {
            if (Files.size(file) <= LONGEST_NUMBER) {
                return Math.max(
                        0,
                        Integer.parseInt(Files.readString(file, StandardCharsets.US_ASCII)
                                .strip()));
            }
        } catch (NoSuchFileException e) {
            return 0;
        } catch (
                @SuppressWarnings("unused")
                NumberFormatException e) {
            // written by somebody else
        }
        return 0;
    }

    /** Puts the job back into the queue, under a name that nothing there has. */
    void giveBack(Folders folders, JobFile file, int attempts) throws IOException {
        JobFile back = reserve(folders.queue(), file);
        if (attempts > 0) {
            Path partial = path.resolve(ATTEMPTS);
            Files.writeString(partial, Integer.toString(attempts));
            Durable.rename(partial, folders.queue().resolve(waitingAttempts(back)));
        }
        Durable.rename(job(file), folders.queue().resolve(back.name()));
        remove(file);
    }

    /** Makes something empty, which is no job, and which the job then replaces. */
    private JobFile reserve(Path queue, JobFile file) throws IOException {
        boolean isDirectory = Files.isDirectory(job(file), LinkOption.NOFOLLOW_LINKS);
        for (int number = 1; ; number++) {
            JobFile name = new JobFile(JobFile.numbered(file.base(), number, file.extension()));
            try {
                Path placeholder = queue.resolve(name.name());
                Path unused = isDirectory ? Files.createDirectory(placeholder) : Files.createFile(placeholder);
                return name;
            } catch (
                    @SuppressWarnings("unused")
                    FileAlreadyExistsException e) {
                // another job of that name came
            }
        }
    }

    /** Removes everything, and what tells that the job is done last. */
    void remove(JobFile file) throws IOException {
        removeTree(job(file));
        Files.deleteIfExists(image());
        Files.deleteIfExists(log());
        Files.deleteIfExists(path.resolve(ATTEMPTS));
        boolean unused = Files.deleteIfExists(record(false)) || Files.deleteIfExists(record(true));
        removeTree(path);
    }

    /** Removes what an attempt has begun to write, but not the job. */
    void removeResult() throws IOException {
        Files.deleteIfExists(record(true));
        Files.deleteIfExists(record(false));
        Files.deleteIfExists(image());
        Files.deleteIfExists(log());
    }

    private static void removeTree(Path tree) throws IOException {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
