package dev.construir.host;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The holes of a file that is read. Asks the host only on the first call, so that files without long runs of zeros cost
 * nothing. For one thread, or callers that hold the same lock.
 */
public final class Holes implements Closeable {
    private static final int NOT_OPEN = -1;

    private final Path file;
    private final @Nullable Object key;
    private @Nullable SystemCalls calls;
    private int descriptor = NOT_OPEN;
    private boolean asked;
    private long holeStart;
    private long holeEnd;

    /**
     * Prepares the search.
     *
     * @param file the file
     * @param key the file's identity ({@link BasicFileAttributes#fileKey()}), as it may have been replaced under its
     *     name; null if that is not known, and then neither are holes
     */
    public Holes(Path file, @Nullable Object key) {
        this.file = file;
        this.key = key;
    }

    /**
     * Returns the identity of a file.
     *
     * @param file the file; links are followed
     * @return the key, or null if the host gives none
     * @throws IOException if the file cannot be looked at
     */
    public static @Nullable Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    /**
     * Returns where data may begin.
     *
     * @param from where the search begins, in bytes
     * @return the place; {@code from} itself if that is in data or if nothing is known, and the largest number if only
     *     a hole follows
     */
    public long nextData(long from) {
        if (from >= holeStart && from < holeEnd) {
            return holeEnd;
        }
        SystemCalls open = open();
        if (open == null) {
            return from;
        }
        try {
            Optional<Long> data = open.nextData(descriptor, from);
            holeStart = from;
            holeEnd = data.orElse(Long.MAX_VALUE);
            return holeEnd;
        } catch (IOException e) {
            close(); // a file system without this information
            return from;
        }
    }

    /**
     * Returns how many bytes of data are known to follow, without asking the host for the first time.
     *
     * @param from where they begin, which is in data
     * @param most the largest number that is of interest
     * @return the number, at most {@code most}; that number if no hole was found yet, or nothing is known
     */
    public int dataFrom(long from, int most) {
        SystemCalls open = calls;
        if (open == null || !wereFound()) {
            return most;
        }
        try {
            long count = open.nextHole(descriptor, from) - from;
            return count > 0 && count < most ? (int) count : most;
        } catch (IOException e) {
            return most;
        }
    }

    /**
     * Returns whether the host was asked, and answered.
     *
     * @return whether asking for more costs little
     */
    public boolean wereFound() {
        return calls != null && holeEnd > 0;
    }

    /**
     * Returns whether bytes are in a hole that was found before.
     *
     * @param from where they begin
     * @param length how many there are
     * @return whether they are; if not, nothing is known
     */
    public boolean isKnown(long from, long length) {
        return from >= holeStart && holeEnd - from >= length;
    }

    private @Nullable SystemCalls open() {
        if (!asked) {
            asked = true;
            if (key != null) {
                SystemCalls.available().ifPresent(this::open);
            }
        }
        return calls;
    }

    private void open(SystemCalls available) {
        try {
            descriptor = available.open(HostName.ofPath(file));
            calls = available;
            if (!Optional.ofNullable(key(Path.of("/proc/self/fd/" + descriptor)))
                    .equals(Optional.ofNullable(key))) {
                close();
            }
        } catch (IOException e) {
            close();
        }
    }

    @Override
    public void close() {
        asked = true;
        SystemCalls open = calls;
        calls = null;
        if (open != null) {
            open.close(descriptor);
        }
    }
}
