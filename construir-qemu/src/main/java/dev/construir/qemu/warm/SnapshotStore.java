package dev.construir.qemu.warm;

import dev.construir.DataSize;
import dev.construir.backend.InterruptDetection;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Preparation;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of memory snapshots, shared by the processes of one user. Safe for use by many threads and processes.
 *
 * <p>Each image is a directory, named by its key. It is made under another name, by one thread of one process, while
 * all others who want it wait; what a killed one left is swept by the next process. It is used by any number at once,
 * and replaced or removed only while no one uses it.
 */
public final class SnapshotStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotStore.class);
    private static final int ATTEMPTS = 3;
    private static final String USE_LOCK = ".lock";
    private static final String MAKER_LOCK = ".maker.lock";

    private static final Preparation MADE_BY_OTHERS =
            Preparation.of(Preparation.Stage.WAITING, "another run that makes the memory snapshot");

    private final Path root;
    private final DataSize limit;
    private final Clock clock;

    // guarded by this
    private @Nullable Scratch scratch;
    private boolean closed;

    /** Makes an image. */
    @FunctionalInterface
    public interface Maker {
        /**
         * Makes the files of an image, and no others.
         *
         * @param image where they go; its directory is there and empty
         * @throws HypervisorException if no machine could be started, or it did not come up
         * @throws IOException if a file cannot be written
         * @throws InterruptedException if the thread was interrupted
         */
        void make(MemorySnapshot image) throws HypervisorException, IOException, InterruptedException;
    }

    /** An image that stays as it is until this is closed, which any thread may do. Closing is idempotent. */
    public final class Lease implements AutoCloseable {
        private final MemorySnapshot image;
        private final SnapshotLock.Hold hold;

        private Lease(MemorySnapshot image, SnapshotLock.Hold hold) {
            this.image = image;
            this.hold = hold;
        }

        /**
         * Returns the image.
         *
         * @return the image
         */
        public MemorySnapshot image() {
            return image;
        }

        /**
         * Gives the image back, and removes it if it has no other user.
         *
         * @throws InterruptedException if the thread was interrupted
         */
        public void discard() throws InterruptedException {
            close();
            try {
                removeUnused(image.directory());
            } catch (IOException e) {
                LOG.warn("could not remove the memory snapshot {}: {}", image.directory(), Reason.of(e));
            }
        }

        @Override
        public void close() {
            hold.close();
        }
    }

    /**
     * Creates the set of images in a directory.
     *
     * @param root the directory, created when the first image is wanted; no other user may write to it
     * @param limit how much room unused images may take, counted as if they had no holes
     * @param clock the time for when an image was used last
     */
    public SnapshotStore(Path root, DataSize limit, Clock clock) {
        this.root = root.toAbsolutePath().normalize();
        this.limit = limit;
        this.clock = clock;
    }

    /**
     * Returns an image, which is made first if there is none, or the one there is was damaged. Waits for others who
     * make it.
     *
     * @param key what it is to be of
     * @param maker makes it
     * @param progress receives that others make it, if they do
     * @return the image, to be closed by the caller when no machine runs from it any more
     * @throws HypervisorException if it cannot be made
     * @throws IOException if files cannot be read or written, or this was closed
     * @throws InterruptedException if the thread was interrupted
     */
    public Lease lease(SnapshotKey key, Maker maker, Consumer<? super Preparation> progress)
            throws HypervisorException, IOException, InterruptedException {
        Scratch making = open();
        Path directory = root.resolve(key.name());
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<Lease> lease = take(directory, progress);
            if (lease.isPresent()) {
                return lease.get();
            }
            // Who waits here finds it made, and so must not wait until nobody uses it: a machine may run from it for
            // hours.
            SnapshotLock.Hold onlyMaker = onlyMaker(directory, progress);
            try (onlyMaker) {
                lease = take(directory, progress);
                if (lease.isPresent()) {
                    return lease.get();
                }
                SnapshotLock.Hold alone = SnapshotLock.exclusive(lock(directory, USE_LOCK));
                try (alone) {
                    make(key, directory, maker, making);
                }
            }
            try {
                makeRoom(directory);
            } catch (IOException e) {
                LOG.warn("no room could be made in {}: {}", root, Reason.of(e));
            }
        }
        throw new IOException("the memory snapshot " + directory + " was removed as often as it was made");
    }

    private SnapshotLock.Hold onlyMaker(Path directory, Consumer<? super Preparation> progress)
            throws IOException, InterruptedException {
        Path lock = lock(directory, MAKER_LOCK);
        Optional<SnapshotLock.Hold> hold = SnapshotLock.tryExclusive(lock);
        if (hold.isEmpty()) {
            progress.accept(MADE_BY_OTHERS);
        }
        return hold.isPresent() ? hold.get() : SnapshotLock.exclusive(lock);
    }

    private SnapshotLock.Hold use(Path directory, Consumer<? super Preparation> progress)
            throws IOException, InterruptedException {
        Path lock = lock(directory, USE_LOCK);
        Optional<SnapshotLock.Hold> hold = SnapshotLock.tryShared(lock);
        if (hold.isEmpty()) {
            progress.accept(MADE_BY_OTHERS);
        }
        return hold.isPresent() ? hold.get() : SnapshotLock.shared(lock);
    }

    private Optional<Lease> take(Path directory, Consumer<? super Preparation> progress)
            throws IOException, InterruptedException {
        SnapshotLock.Hold hold = use(directory, progress);
        boolean taken = false;
        try {
            if (isSound(directory)) {
                FileTime now = FileTime.from(clock.instant());
                Files.setLastModifiedTime(directory, now);
                Files.setLastModifiedTime(lock(directory, USE_LOCK), now); // or some host would tidy it away
                taken = true;
                return Optional.of(new Lease(new MemorySnapshot(directory), hold));
            }
            return Optional.empty();
        } finally {
            if (!taken) {
                hold.close();
            }
        }
    }

    private static boolean isSound(Path directory) throws InterruptedException {
        try {
            Optional<String> fault = SnapshotManifest.read(directory).fault(directory);
            fault.ifPresent(why -> LOG.info("the memory snapshot {} is made anew: {}", directory, why));
            return fault.isEmpty();
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            InterruptDetection.check(e); // it says nothing about the image
            LOG.warn("the memory snapshot {} is made anew: {}", directory, Reason.of(e));
            return false;
        }
    }

    private static void make(SnapshotKey key, Path directory, Maker maker, Scratch making)
            throws HypervisorException, IOException, InterruptedException {
        try (ScratchDirectory part = making.directory("image")) {
            maker.make(new MemorySnapshot(part.path()));
            try (DirectoryStream<Path> files = Files.newDirectoryStream(part.path())) {
                for (Path file : files) {
                    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
                }
            }
            SnapshotManifest.of(part.path()).write(part.path(), key);
            remove(directory, making);
            Files.move(part.path(), directory, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Removes images that no start of this host can use, and then those that were not used for longest. */
    private void makeRoom(Path spared) throws IOException, InterruptedException {
        record Unused(Path directory, long size, FileTime used) {}
        List<Unused> images = new ArrayList<>();
        long size = 0;
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(root, this::isImage)) {
            for (Path directory : directories) {
                try {
                    SnapshotManifest manifest = SnapshotManifest.read(directory);
                    if (manifest.fault(directory).isPresent() && removeUnused(directory)) {
                        continue;
                    }
                    size += manifest.size();
                    images.add(new Unused(directory, manifest.size(), Files.getLastModifiedTime(directory)));
                } catch (NoSuchFileException e) {
                    LOG.trace("removed by another process: {}", directory);
                } catch (IOException e) { // the host may have lost its power before it was on the disk
                    InterruptDetection.check(e);
                    LOG.debug("{}: {}", directory, Reason.of(e));
                    var unused = removeUnused(directory);
                }
            }
        }
        images.sort(Comparator.comparing(Unused::used));
        for (Unused image : images) {
            if (size > limit.bytes() && !image.directory().equals(spared) && removeUnused(image.directory())) {
                size -= image.size();
            }
        }
    }

    private boolean isImage(Path entry) {
        return entry.getFileName().toString().matches("[0-9a-f]{32}") && Files.isDirectory(entry);
    }

    private boolean removeUnused(Path directory) throws IOException, InterruptedException {
        Optional<SnapshotLock.Hold> hold = SnapshotLock.tryExclusive(lock(directory, USE_LOCK));
        if (hold.isEmpty()) {
            return false;
        }
        SnapshotLock.Hold alone = hold.get();
        try (alone) {
            LOG.debug("removing the memory snapshot {}", directory);
            remove(directory, open());
            return true;
        }
    }

    // By way of another name, so that there is never half an image.
    private static void remove(Path directory, Scratch scratch) throws IOException {
        if (Files.exists(directory)) {
            try (ScratchDirectory old = scratch.directory("old")) {
                Files.move(directory, old.path().resolve("image"), StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    private Path lock(Path directory, String kind) {
        return root.resolve(directory.getFileName() + kind);
    }

    private synchronized Scratch open() throws IOException {
        if (closed) {
            throw new IOException("the hypervisor was closed");
        }
        if (scratch == null) {
            scratch = Scratch.open(root, orphan -> {});
        }
        return scratch;
    }

    /** Holds nothing, until an image is wanted again. Those that are in use stay what they are. */
    public synchronized void release() {
        if (scratch != null) {
            scratch.close();
            scratch = null;
        }
    }

    /** Makes no more images. Those that are in use stay what they are. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        release();
    }
}
