package dev.construir.queue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The record of a job that waits again: a small file beside it. Valid only for the inode that it names, not for another
 * file of that name.
 *
 * @param attempts how many attempts have failed
 * @param arrived since when the job waits
 */
record RetryRecord(int attempts, Instant arrived) {
    private static final int LONGEST = 200;
    private static final Pattern TEXT =
            Pattern.compile("attempts=(\\d{1,9})\\narrived=(\\S{1,40})\\ninode=(\\d{1,20})\\n");

    /** Writes the record for a job. */
    void write(Path past, Path job, DurableFileOps changes) throws IOException {
        changes.write(past, "attempts=" + attempts + "\narrived=" + arrived + "\ninode=" + inode(job) + "\n");
    }

    /** Reads the record of a job; empty if there is none for it. */
    static Optional<RetryRecord> read(Path past, Path job) throws IOException {
        try {
            BasicFileAttributes file = Files.readAttributes(past, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (file.isRegularFile() && file.size() <= LONGEST) {
                Matcher text = TEXT.matcher(Files.readString(past, StandardCharsets.ISO_8859_1));
                if (text.matches() && text.group(3).equals(inode(job))) {
                    return Optional.of(new RetryRecord(Integer.parseInt(text.group(1)), Instant.parse(text.group(2))));
                }
            }
        } catch (@SuppressWarnings("unused") NoSuchFileException | DateTimeException e) {
            // a new job, or a file of another program
        }
        return Optional.empty();
    }

    private static String inode(Path job) throws IOException {
        return String.valueOf(Files.getAttribute(job, "unix:ino", LinkOption.NOFOLLOW_LINKS));
    }
}
