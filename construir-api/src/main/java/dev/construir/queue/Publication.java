package dev.construir.queue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Brings a result that is complete to where people look for it. It can be begun again at any point, by anybody who owns the claim: what
 * was brought before is found again, by its inode.
 *
 * <p>A result is three files of one name, the log, the image and the record. The record comes last: a job whose record is there is done.
 * Where there is no image of a result, what was queued takes its place. Nothing that has the name already is replaced: the result gets a
 * number then.
 *
 * @param folders the queue
 * @param claim the claim's directory
 * @param file what was queued
 */
record Publication(Folders folders, ClaimDirectory claim, JobFile file) {
    private static final String LOG = ".log";
    private static final String IMAGE = ".img.xz";
    private static final String RECORD = ".json";

    /** Publishes what is staged, and removes the claim. */
    void finish() throws IOException {
        if (Files.exists(claim.log())) { // else it was published, and is being removed
            publish();
        }
        claim.remove(file);
    }

    private void publish() throws IOException {
        Path into = claim.isFailure() ? folders.failed() : folders.done();
        int number = number(into);
        if (Files.exists(claim.image())) {
            link(claim.image(), named(into, number, IMAGE));
        } else if (Files.exists(claim.job(file), LinkOption.NOFOLLOW_LINKS)) {
            Durable.rename(claim.job(file), named(into, number, file.extension()));
        }
        Durable.syncDirectory(into);
        link(claim.record(), named(into, number, RECORD));
        Durable.syncDirectory(into);
    }

    private Path named(Path into, int number, String extension) {
        return into.resolve(JobFile.numbered(file.base(), number, extension));
    }

    /** Reserves a name by the log. */
    private int number(Path into) throws IOException {
        for (int number = 1; ; number++) {
            Path log = named(into, number, LOG);
            if (isSame(log, claim.log()) || (isFree(into, number) && isTaken(log))) {
                return number;
            }
        }
    }

    private boolean isFree(Path into, int number) {
        for (String extension : new String[] {LOG, IMAGE, RECORD, file.extension()}) {
            if (Files.exists(named(into, number, extension), LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
        }
        return true;
    }

    private boolean isTaken(Path log) throws IOException {
        try {
            Files.createLink(log, claim.log());
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    private static void link(Path staged, Path target) throws IOException {
        try {
            Files.createLink(target, staged);
        } catch (FileAlreadyExistsException e) {
            if (!isSame(target, staged)) {
                throw e;
            }
        }
    }

    private static boolean isSame(Path a, Path b) throws IOException {
        return Files.exists(a, LinkOption.NOFOLLOW_LINKS) && !Files.isSymbolicLink(a) && Files.isSameFile(a, b);
    }
}
