package dev.construir.queue;

import dev.construir.Reason;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
    private static final Logger LOG = LoggerFactory.getLogger(Publication.class);
    private static final String LOG_NAME = ".log";
    private static final String IMAGE_NAME = ".img.xz";
    private static final String RECORD_NAME = ".json";

    /**
     * Publishes what is staged, and removes the claim.
     *
     * @throws IOException if it cannot be published. What cannot be removed stays, to be removed when this process has ended
     */
    void finish() throws IOException {
        if (Files.exists(claim.log())) { // else it was published, and is being removed
            publish();
        }
        try {
            claim.remove(file);
        } catch (IOException e) {
            LOG.warn("{} has its result, but {} cannot be removed: {}", file.name(), claim.path(), Reason.of(e));
        }
    }

    private void publish() throws IOException {
        Path into = claim.isFailure() ? folders.failed() : folders.done();
        int number = 1;
        while (!isReserved(into, number) || !isPlaced(into, number)) {
            number++;
        }
        Durable.syncDirectory(into);
        link(claim.record(), named(into, number, RECORD_NAME));
        Durable.syncDirectory(into);
    }

    /** Reserves a name by the log. */
    private boolean isReserved(Path into, int number) throws IOException {
        Path log = named(into, number, LOG_NAME);
        return isSame(log, claim.log()) || (isFree(into, number) && isLinked(claim.log(), log));
    }

    /** Brings the image or what was queued. If something has come in its place, the name is let go of. */
    private boolean isPlaced(Path into, int number) throws IOException {
        boolean placed = true;
        if (Files.exists(claim.image())) {
            placed = isLinked(claim.image(), named(into, number, IMAGE_NAME));
        } else if (Files.exists(claim.job(file), LinkOption.NOFOLLOW_LINKS)) {
            Path target = named(into, number, file.extension());
            placed = !Files.exists(target, LinkOption.NOFOLLOW_LINKS);
            if (placed) {
                Durable.rename(claim.job(file), target);
            }
        }
        if (!placed) {
            Files.deleteIfExists(named(into, number, LOG_NAME));
        }
        return placed;
    }

    private Path named(Path into, int number, String extension) {
        return into.resolve(JobFile.numbered(file.base(), number, extension));
    }

    private boolean isFree(Path into, int number) {
        for (String extension : new String[] {LOG_NAME, IMAGE_NAME, RECORD_NAME, file.extension()}) {
            if (Files.exists(named(into, number, extension), LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
        }
        return true;
    }

    private static void link(Path staged, Path target) throws IOException {
        if (!isLinked(staged, target)) {
            throw new FileAlreadyExistsException(target.toString(), null, "it is in the way of a result; move it away");
        }
    }

    /** Makes a link, unless it was made before. Returns false if something else has the name. */
    private static boolean isLinked(Path staged, Path target) throws IOException {
        try {
            Files.createLink(target, staged);
            return true;
        } catch (
                @SuppressWarnings("unused")
                FileAlreadyExistsException e) {
            return isSame(target, staged);
        }
    }

    private static boolean isSame(Path a, Path b) throws IOException {
        return Files.exists(a, LinkOption.NOFOLLOW_LINKS) && !Files.isSymbolicLink(a) && Files.isSameFile(a, b);
    }
}
