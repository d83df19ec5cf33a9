package dev.construir.queue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Moves a complete result to its final place. Any process that owns the claim can repeat it after a failure at any
 * point: files that were moved before are recognised by their inodes.
 *
 * <p>A result is three files of one name: the log, the image and the record. The record comes last, by a rename: a job
 * with a record is done, also for a process that finds the claim afterwards, even if a user has moved the result. A
 * result without an image gets the queued file instead. Nothing is replaced: if the name is taken, the result gets a
 * number.
 *
 * @param layout the queue
 * @param claim the claim's directory
 * @param file what was queued
 */
record Publication(QueueLayout layout, ClaimDirectory claim, JobFile file) {
    private static final String LOG = ".log";
    private static final String IMAGE = ".img.xz";
    private static final String RECORD = ".json";

    /** Publishes the staged result. Returns its directory, which the caller must sync. */
    Path publish() throws IOException {
        layout.restore();
        Path into = claim.isFailure() ? layout.failed() : layout.done();
        int number = place(into);
        claim.changes().syncDirectory(into);
        claim.removeJob(file);
        Path record = named(into, number, RECORD);
        if (Files.exists(record, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(
                    record.toString(), null, "it is in the way of a result's record; move it elsewhere");
        }
        claim.changes().rename(claim.record(), record);
        return into;
    }

    /** Moves log and image to a number that is free. */
    private int place(Path into) throws IOException {
        for (int number = 1; ; number++) {
            Path log = named(into, number, LOG);
            if (isSame(log, claim.log()) || (isFree(into, number) && isLinked(log, claim.log()))) {
                if (placeImage(into, number)) {
                    return number;
                }
                claim.recall(log); // another process was quicker
            }
        }
    }

    private boolean placeImage(Path into, int number) throws IOException {
        if (Files.exists(claim.image())) {
            return isLinked(named(into, number, IMAGE), claim.image());
        }
        Path target = named(into, number, file.extension());
        if (!claim.hasJob(file)) {
            return true; // moved before
        } else if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        claim.changes().rename(claim.job(file), target);
        return true;
    }

    private Path named(Path into, int number, String extension) {
        return into.resolve(file.numbered(number, extension));
    }

    private boolean isFree(Path into, int number) {
        for (String extension : new String[] {LOG, IMAGE, RECORD, file.extension()}) {
            if (Files.exists(named(into, number, extension), LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
        }
        return true;
    }

    /** Returns false if another file has the name. */
    private boolean isLinked(Path name, Path staged) throws IOException {
        try {
            claim.changes().link(name, staged);
            return true;
        } catch (
                @SuppressWarnings("unused")
                FileAlreadyExistsException e) {
            return isSame(name, staged);
        }
    }

    private static boolean isSame(Path a, Path b) throws IOException {
        return Files.exists(a, LinkOption.NOFOLLOW_LINKS) && !Files.isSymbolicLink(a) && Files.isSameFile(a, b);
    }
}
