package dev.construir.scratch;

import dev.construir.ownership.OwnedDirectory;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A root of scratch directories that removes what dead processes left.
 *
 * <pre>{@code
 * try (Scratch scratch = Scratch.open(Scratch.defaultRoot().resolve("example"), leftover -> {});
 *         ScratchDirectory directory = scratch.directory("work")) {
 *     Files.writeString(directory.path().resolve("note"), "removed at the end");
 * }
 * }</pre>
 *
 * <p>Any number of processes share a root. Each opens its own directory in it, named by its number and start time,
 * and holds a lock on a file there for as long as it lives; the kernel drops the lock however the process ends. The
 * next process that opens the root removes the directories whose lock is free. Safe for use by many threads.
 *
 * @since 0.1
 */
public final class Scratch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Scratch.class);

    private static final Path SELF = Path.of("/proc/self");

    private final OwnedDirectory own;
    private final AtomicBoolean bequeathed = new AtomicBoolean();

    /** Ends what a dead process left running or written elsewhere, before its directory is removed. */
    @FunctionalInterface
    public interface LeftoverHandler {
        /**
         * Handles one directory of a dead process. No other process handles it at the same time.
         *
         * @param directory a directory that the dead process created by {@link Scratch#directory}
         * @throws IOException if something of it cannot be ended; all directories of that process stay then
         */
        void handle(Path directory) throws IOException;
    }

    private Scratch(OwnedDirectory own) {
        this.own = own;
    }

    /**
     * Returns the default root of scratch directories: {@code construir-USER} in {@code /var/tmp}, which, other
     * than {@code /tmp}, is seldom kept in memory; where there is no {@code /var/tmp}, in Java's temporary directory.
     *
     * @return the default root
     */
    public static Path defaultRoot() {
        Path parent = Path.of("/var/tmp");
        if (!Files.isWritable(parent)) {
            parent = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
        }
        return parent.resolve(
                "construir-" + System.getProperty("user.name", "user").replaceAll("[^A-Za-z0-9._-]", "_"));
    }

    /**
     * Opens a root, creating it if it is missing, and removes what dead processes left in it.
     *
     * @param root the root; it belongs to this user, and no other user may write to it
     * @param leftover called for every directory that a dead process left, before it is removed; if it fails, all
     *     directories of that process stay until the root is opened next
     * @return the place, to be closed by the caller
     * @throws IOException if the root cannot be used
     */
    public static Scratch open(Path root, LeftoverHandler leftover) throws IOException {
        Objects.requireNonNull(leftover, "leftover");
        ScratchRoot safe = ScratchRoot.prepare(root);
        OwnedDirectory own = OwnedDirectory.create(safe.path(), ScratchRoot.PRIVATE);
        boolean usable = false;
        try {
            safe.checkOwners(ScratchRoot.owner(own.path()));
            OwnedDirectory.inherit(safe.path(), orphan -> announce(orphan, leftover));
            usable = true;
            return new Scratch(own);
        } finally {
            if (!usable) {
                own.close();
            }
        }
    }

    /**
     * Finds a directory that no other user can write to or replace: what lies there may be believed. Looks at it as
     * {@link #open} does at its root, and changes nothing.
     *
     * @param directory the directory
     * @return its real path; empty if there is nothing by its name
     * @throws IOException if it is a link or no directory, belongs to another user, or can be written to or replaced by
     *     one
     */
    public static Optional<Path> find(Path directory) throws IOException {
        Path absolute = directory.toAbsolutePath().normalize();
        if (!Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        ScratchRoot safe = ScratchRoot.existing(absolute);
        safe.checkOwners(ScratchRoot.owner(SELF));
        return Optional.of(safe.path());
    }

    private static void announce(Path orphan, LeftoverHandler leftover) throws IOException {
        LOG.info("removing what a dead process left behind: {}", orphan);
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(orphan, Files::isDirectory)) {
            Optional<IOException> failure = Optional.empty();
            for (Path directory : directories) {
                try {
                    leftover.handle(directory);
                } catch (IOException e) { // those that can be are ended all the same
                    failure.ifPresent(e::addSuppressed);
                    failure = Optional.of(e);
                }
            }
            if (failure.isPresent()) {
                throw failure.get();
            }
        }
    }

    /**
     * Creates a directory.
     *
     * @param prefix how its name starts
     * @return the directory, to be closed by the caller
     * @throws IOException if it cannot be created
     */
    public ScratchDirectory directory(String prefix) throws IOException {
        return ScratchDirectory.in(own.path(), prefix + "-", () -> bequeathed.set(true));
    }

    /**
     * Removes all directories of this place, unless one of them was {@linkplain ScratchDirectory#bequeath left} to
     * another process, and lets go of the lock. Idempotent.
     */
    @Override
    public void close() {
        if (bequeathed.get()) {
            own.release();
        } else {
            own.close();
        }
    }

    /** Returns the path of what belongs to this process. */
    @Override
    public String toString() {
        return own.toString();
    }
}
