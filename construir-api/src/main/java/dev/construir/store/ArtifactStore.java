package dev.construir.store;

import dev.construir.DataSize;
import dev.construir.backend.InterruptDetection;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of artifacts, such as memory snapshots, shared by the processes of one user. Safe for use by many threads
 * and processes.
 *
 * <p>Each artifact is a directory of files. It is made under another name, by one thread of one process, while all
 * others who want it wait; what a killed one left is swept by the next process. It is compared with what was written
 * before it is used. It is used by any number at once, and replaced or removed only while no one uses it.
 */
public final class ArtifactStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ArtifactStore.class);
    private static final int ATTEMPTS = 3;
    private static final String USE_LOCK = ".lock";
    private static final String MAKER_LOCK = ".maker.lock";

    private final Path root;
    private final String kind;
    private final Durability durability;
    private final DataSize limit;
    private final Clock clock;
    private final Preparation madeByOthers;

    // guarded by this
    private @Nullable Scratch scratch;
    private boolean closed;

    /**
     * Makes an artifact.
     *
     * @param <E> what it throws
     */
    @FunctionalInterface
    public interface Maker<E extends Exception> {
        /**
         * Makes the files of an artifact, and no others.
         *
         * @param directory where they go; it is there and empty
         * @throws E if it cannot be made
         * @throws IOException if a file cannot be written
         * @throws InterruptedException if the thread was interrupted
         */
        void make(Path directory) throws E, IOException, InterruptedException;
    }

    /**
     * An artifact that there is.
     *
     * @param name its name
     * @param of what it is of
     * @param size how much room it takes at most: holes count as well
     * @param used when it was used last
     */
    public record Entry(String name, List<String> of, DataSize size, Instant used) {
        /**
         * Copies the list.
         *
         * @param name see {@link #name()}
         * @param of see {@link #of()}
         * @param size see {@link #size()}
         * @param used see {@link #used()}
         */
        public Entry {
            of = List.copyOf(of);
        }
    }

    /** An artifact that stays as it is until this is closed, which any thread may do. Closing is idempotent. */
    public final class Lease implements AutoCloseable {
        private final Path directory;
        private final StoreLock.Hold hold;

        private Lease(Path directory, StoreLock.Hold hold) {
            this.directory = directory;
            this.hold = hold;
        }

        /**
         * Returns where its files are.
         *
         * @return a directory
         */
        public Path directory() {
            return directory;
        }

        /**
         * Gives the artifact back, and removes it if it has no other user.
         *
         * @throws InterruptedException if the thread was interrupted
         */
        public void discard() throws InterruptedException {
            close();
            try {
                removeUnused(directory);
            } catch (IOException e) {
                LOG.warn("could not remove the {} {}: {}", kind, directory, Reason.of(e));
            }
        }

        @Override
        public void close() {
            hold.close();
        }
    }

    /**
     * Creates the set of artifacts in a directory.
     *
     * @param root the directory, created when the first artifact is wanted; no other user may write to it
     * @param kind what an artifact is called
     * @param durability how long artifacts are believed
     * @param limit how much room unused artifacts may take, counted as if they had no holes
     * @param clock the time for when an artifact was used last
     */
    public ArtifactStore(Path root, String kind, Durability durability, DataSize limit, Clock clock) {
        this.root = root.toAbsolutePath().normalize();
        this.kind = kind;
        this.durability = durability;
        this.limit = limit;
        this.clock = clock;
        madeByOthers = Preparation.of(Preparation.Stage.WAITING, "another run that makes the " + kind);
    }

    /**
     * Returns an artifact, which is made first if there is none, or the one there is was damaged. Waits for others who
     * make it.
     *
     * @param name its name: letters, digits, {@code .}, {@code _} and {@code -}
     * @param of what it is of, as readable text
     * @param maker makes it
     * @param progress receives that others make it, if they do
     * @param <E> what the maker throws
     * @return the artifact, to be closed by the caller when it is not used any more
     * @throws E if it cannot be made
     * @throws IOException if files cannot be read or written, or this was closed
     * @throws InterruptedException if the thread was interrupted
     */
    public <E extends Exception> Lease lease(
            String name, List<String> of, Maker<E> maker, Consumer<? super Preparation> progress)
            throws E, IOException, InterruptedException {
        Scratch making = open();
        Path directory = root.resolve(name);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<Lease> lease = take(directory, progress);
            if (lease.isPresent()) {
                return lease.get();
            }
            // Who waits here finds it made, and so must not wait until nobody uses it: a machine may run from it for
            // hours.
            StoreLock.Hold onlyMaker = onlyMaker(directory, progress);
            try (onlyMaker) {
                lease = take(directory, progress);
                if (lease.isPresent()) {
                    return lease.get();
                }
                StoreLock.Hold alone = StoreLock.exclusive(lock(directory, USE_LOCK));
                try (alone) {
                    make(directory, of, maker, making, progress);
                }
            }
            tryToMakeRoom(directory);
        }
        throw new IOException("the " + kind + " " + directory + " was removed as often as it was made");
    }

    /**
     * Returns an artifact that there is.
     *
     * @param name its name
     * @param progress receives how much of it was read, if it is compared with its digests
     * @return the artifact, to be closed by the caller when it is not used any more; empty if there is none
     * @throws IOException if it is damaged, or this was closed
     * @throws InterruptedException if the thread was interrupted
     */
    public Optional<Lease> find(String name, Consumer<? super Preparation> progress)
            throws IOException, InterruptedException {
        var unused = open();
        Path directory = root.resolve(name);
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        StoreLock.Hold hold = use(directory, progress);
        boolean taken = false;
        try {
            Optional<String> fault = Manifest.read(directory).fault(directory, progress);
            if (fault.isPresent()) {
                throw new IOException("the " + kind + " " + name + " is damaged: " + fault.get() + "; remove it");
            }
            touch(directory);
            taken = true;
            return Optional.of(new Lease(directory, hold));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } finally {
            if (!taken) {
                hold.close();
            }
        }
    }

    /**
     * Makes an artifact in place of the one of its name, if there is one.
     *
     * @param name its name: letters, digits, {@code .}, {@code _} and {@code -}
     * @param of what it is of, as readable text
     * @param maker makes it
     * @param <E> what the maker throws
     * @throws E if it cannot be made
     * @throws IOException if files cannot be read or written, the one of its name is in use, or this was closed
     * @throws InterruptedException if the thread was interrupted
     */
    public <E extends Exception> void replace(String name, List<String> of, Maker<E> maker)
            throws E, IOException, InterruptedException {
        Scratch making = open();
        Path directory = root.resolve(name);
        StoreLock.Hold alone = StoreLock.tryExclusive(lock(directory, USE_LOCK))
                .orElseThrow(() -> new IOException("the " + kind + " " + name + " is in use; close what uses it"));
        try (alone) {
            make(directory, of, maker, making, work -> {});
        }
        tryToMakeRoom(directory);
    }

    /**
     * Removes an artifact.
     *
     * @param name its name
     * @return whether there was one
     * @throws IOException if it is in use, cannot be removed, or this was closed
     * @throws InterruptedException if the thread was interrupted
     */
    public boolean remove(String name) throws IOException, InterruptedException {
        var unused = open();
        Path directory = root.resolve(name);
        if (!Files.isDirectory(directory)) {
            return false;
        }
        if (!removeUnused(directory)) {
            throw new IOException("the " + kind + " " + name + " is in use; close what uses it");
        }
        return true;
    }

    /**
     * Returns all artifacts that there are, by their names.
     *
     * @return a snapshot
     * @throws IOException if the directory cannot be read, or this was closed
     */
    public List<Entry> list() throws IOException {
        var unused = open();
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(root, Files::isDirectory)) {
            for (Path directory : directories) {
                try {
                    Manifest manifest = Manifest.read(directory);
                    entries.add(new Entry(
                            directory.getFileName().toString(),
                            manifest.of(),
                            DataSize.ofBytes(manifest.size()),
                            Files.getLastModifiedTime(directory).toInstant()));
                } catch (NoSuchFileException e) {
                    LOG.trace("no artifact, or removed by another process: {}", directory);
                } catch (IOException e) {
                    LOG.debug("{}: {}", directory, Reason.of(e));
                }
            }
        }
        entries.sort(Comparator.comparing(Entry::name));
        return entries;
    }

    private StoreLock.Hold onlyMaker(Path directory, Consumer<? super Preparation> progress)
            throws IOException, InterruptedException {
        Path lock = lock(directory, MAKER_LOCK);
        Optional<StoreLock.Hold> hold = StoreLock.tryExclusive(lock);
        if (hold.isEmpty()) {
            progress.accept(madeByOthers);
        }
        return hold.isPresent() ? hold.get() : StoreLock.exclusive(lock);
    }

    private StoreLock.Hold use(Path directory, Consumer<? super Preparation> progress)
            throws IOException, InterruptedException {
        Path lock = lock(directory, USE_LOCK);
        Optional<StoreLock.Hold> hold = StoreLock.tryShared(lock);
        if (hold.isEmpty()) {
            progress.accept(madeByOthers);
        }
        return hold.isPresent() ? hold.get() : StoreLock.shared(lock);
    }

    private Optional<Lease> take(Path directory, Consumer<? super Preparation> progress)
            throws IOException, InterruptedException {
        StoreLock.Hold hold = use(directory, progress);
        boolean taken = false;
        try {
            if (isSound(directory, progress)) {
                touch(directory);
                taken = true;
                return Optional.of(new Lease(directory, hold));
            }
            return Optional.empty();
        } finally {
            if (!taken) {
                hold.close();
            }
        }
    }

    private void touch(Path directory) throws IOException {
        FileTime now = FileTime.from(clock.instant());
        Files.setLastModifiedTime(directory, now);
        Files.setLastModifiedTime(lock(directory, USE_LOCK), now); // or some host would tidy it away
    }

    private boolean isSound(Path directory, Consumer<? super Preparation> progress) throws InterruptedException {
        try {
            Optional<String> fault = Manifest.read(directory).fault(directory, progress);
            fault.ifPresent(why -> LOG.info("the {} {} is made anew: {}", kind, directory, why));
            return fault.isEmpty();
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            InterruptDetection.check(e); // it says nothing about the artifact
            LOG.warn("the {} {} is made anew: {}", kind, directory, Reason.of(e));
            return false;
        }
    }

    private <E extends Exception> void make(
            Path directory, List<String> of, Maker<E> maker, Scratch making, Consumer<? super Preparation> progress)
            throws E, IOException, InterruptedException {
        try (ScratchDirectory part = making.directory("image")) {
            maker.make(part.path());
            try (DirectoryStream<Path> files = Files.newDirectoryStream(part.path())) {
                for (Path file : files) {
                    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
                    if (durability == Durability.DURABLE) {
                        Manifest.force(file);
                    }
                }
            }
            Manifest.of(part.path(), of, durability, progress).write(part.path());
            if (durability == Durability.DURABLE) {
                Manifest.force(part.path());
            }
            remove(directory, making);
            Files.move(part.path(), directory, StandardCopyOption.ATOMIC_MOVE);
            if (durability == Durability.DURABLE) {
                Manifest.force(root);
            }
        }
    }

    private void tryToMakeRoom(Path spared) throws InterruptedException {
        try {
            makeRoom(spared);
        } catch (IOException e) {
            LOG.warn("no room could be made in {}: {}", root, Reason.of(e));
        }
    }

    /** Removes artifacts that no start of this host can use, and then those that were not used for longest. */
    private void makeRoom(Path spared) throws IOException, InterruptedException {
        record Unused(Path directory, long size, FileTime used) {}
        List<Unused> artifacts = new ArrayList<>();
        long size = 0;
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(root, Files::isDirectory)) {
            for (Path directory : directories) {
                try {
                    Manifest manifest = Manifest.read(directory);
                    if (manifest.isStale(directory) && removeUnused(directory)) {
                        continue;
                    }
                    size += manifest.size();
                    artifacts.add(new Unused(directory, manifest.size(), Files.getLastModifiedTime(directory)));
                } catch (NoSuchFileException e) {
                    LOG.trace("removed by another process: {}", directory);
                } catch (IOException e) { // the host may have lost its power before it was on the disk
                    InterruptDetection.check(e);
                    LOG.debug("{}: {}", directory, Reason.of(e));
                    var unused = removeUnused(directory);
                }
            }
        }
        artifacts.sort(Comparator.comparing(Unused::used));
        for (Unused artifact : artifacts) {
            if (size > limit.bytes() && !artifact.directory().equals(spared) && removeUnused(artifact.directory())) {
                size -= artifact.size();
            }
        }
    }

    private boolean removeUnused(Path directory) throws IOException, InterruptedException {
        Optional<StoreLock.Hold> hold = StoreLock.tryExclusive(lock(directory, USE_LOCK));
        if (hold.isEmpty()) {
            return false;
        }
        StoreLock.Hold alone = hold.get();
        try (alone) {
            LOG.debug("removing the {} {}", kind, directory);
            remove(directory, open());
            return true;
        }
    }

    // By way of another name, so that there is never half an artifact.
    private static void remove(Path directory, Scratch scratch) throws IOException {
        if (Files.exists(directory)) {
            try (ScratchDirectory old = scratch.directory("old")) {
                Files.move(directory, old.path().resolve("artifact"), StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    private Path lock(Path directory, String kind) {
        return root.resolve(directory.getFileName() + kind);
    }

    private synchronized Scratch open() throws IOException {
        if (closed) {
            throw new IOException("the store of " + kind + "s in " + root + " was closed");
        }
        if (scratch == null) {
            scratch = Scratch.open(root, orphan -> {});
        }
        return scratch;
    }

    /** Holds nothing, until an artifact is wanted again. Those that are in use stay what they are. */
    public synchronized void release() {
        if (scratch != null) {
            scratch.close();
            scratch = null;
        }
    }

    /** Makes no more artifacts. Those that are in use stay what they are. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        release();
    }
}
