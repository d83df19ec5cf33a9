package dev.construir.store;

import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the users of an image apart from the one that replaces it: threads and processes alike. The kernel drops a
 * process's locks however it ends.
 *
 * <p>A kernel's file lock belongs to a process, and is gone as soon as that closes the file anywhere (fcntl(2)). So
 * there is one of these for each file in the whole process, however many hypervisors it has, and it has the file open
 * once. A copy of the library that another class loader has loaded gets an {@link IOException}.
 */
final class StoreLock {
    private static final Logger LOG = LoggerFactory.getLogger(StoreLock.class);
    static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final int PAUSE_MILLIS = 10; // of those who wait for another process
    private static final Map<Path, StoreLock> OF_THIS_PROCESS = new HashMap<>(); // guarded by itself

    private final Path file;
    private int interested; // guarded by OF_THIS_PROCESS: those who hold it or wait for it

    // guarded by this
    private int readers;
    private boolean taken; // by an exclusive user, or by the thread that asks the kernel
    private boolean asking; // the kernel, which has not refused yet: the answer comes at once
    private @Nullable FileChannel channel;

    private StoreLock(Path file) {
        this.file = file;
    }

    /** A lock that is held, until it is closed, by any thread. Closing is idempotent. */
    final class Hold implements AutoCloseable {
        private final AtomicBoolean held = new AtomicBoolean(true);

        @Override
        public void close() {
            if (held.compareAndSet(true, false)) {
                release();
                leave();
            }
        }
    }

    /** How a lock is wanted. */
    private enum Mode {
        SHARED,
        SHARED_NOW,
        EXCLUSIVE,
        EXCLUSIVE_NOW;

        boolean isShared() {
            return this == SHARED || this == SHARED_NOW;
        }

        boolean waits() {
            return this == SHARED || this == EXCLUSIVE;
        }
    }

    /** Waits for a lock that many may hold. */
    static Hold shared(Path file) throws IOException, InterruptedException {
        return enter(file).acquire(Mode.SHARED).orElseThrow();
    }

    /** Waits for the exclusive lock. */
    static Hold exclusive(Path file) throws IOException, InterruptedException {
        return enter(file).acquire(Mode.EXCLUSIVE).orElseThrow();
    }

    /** Takes the shared lock, unless the exclusive one is held. */
    static Optional<Hold> tryShared(Path file) throws IOException, InterruptedException {
        return enter(file).acquire(Mode.SHARED_NOW);
    }

    /** Takes the exclusive lock, unless any lock is held. */
    static Optional<Hold> tryExclusive(Path file) throws IOException, InterruptedException {
        return enter(file).acquire(Mode.EXCLUSIVE_NOW);
    }

    private static StoreLock enter(Path file) throws IOException {
        Path one = Objects.requireNonNull(file.getParent()).toRealPath().resolve(file.getFileName());
        synchronized (OF_THIS_PROCESS) {
            StoreLock lock = OF_THIS_PROCESS.computeIfAbsent(one, StoreLock::new);
            lock.interested++;
            return lock;
        }
    }

    private void leave() {
        synchronized (OF_THIS_PROCESS) {
            if (--interested == 0) {
                OF_THIS_PROCESS.remove(file);
            }
        }
    }

    private Optional<Hold> acquire(Mode mode) throws IOException, InterruptedException {
        boolean got = false;
        try {
            got = acquireHere(mode);
            return got ? Optional.of(new Hold()) : Optional.empty();
        } finally {
            if (!got) {
                leave();
            }
        }
    }

    private boolean acquireHere(Mode mode) throws IOException, InterruptedException {
        synchronized (this) {
            while (taken || (!mode.isShared() && readers > 0)) {
                if (!mode.waits() && !asking) {
                    return false;
                }
                wait();
            }
            if (readers > 0) {
                readers++;
                return true;
            }
            asking = true;
            taken = true; // no thread of this process has the file open, nor opens it before the kernel has answered
        }
        FileChannel opened = null;
        try {
            opened = askKernel(mode);
            return opened != null;
        } finally {
            settle(mode, opened);
        }
    }

    private @Nullable FileChannel askKernel(Mode mode) throws IOException, InterruptedException {
        FileChannel opening = FileChannel.open(
                file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE), PRIVATE);
        FileLock lock = null;
        try {
            lock = opening.tryLock(0, Long.MAX_VALUE, mode.isShared());
            // Asked again and again, as the kernel takes a process for one waiter, and sees deadlocks where two of its
            // threads wait for different locks (fcntl(2)).
            while (lock == null && mode.waits()) {
                noteRefusal();
                Thread.sleep(PAUSE_MILLIS);
                lock = opening.tryLock(0, Long.MAX_VALUE, mode.isShared());
            }
            return lock == null ? null : opening;
        } catch (OverlappingFileLockException e) {
            throw new IOException(file + " is locked by another copy of this library in this process", e);
        } finally {
            if (lock == null) {
                opening.close();
            }
        }
    }

    private synchronized void noteRefusal() {
        asking = false;
        notifyAll();
    }

    private synchronized void settle(Mode mode, @Nullable FileChannel opened) {
        asking = false;
        channel = opened;
        readers = opened != null && mode.isShared() ? 1 : 0;
        taken = opened != null && !mode.isShared();
        notifyAll();
    }

    private synchronized void release() {
        readers = taken ? 0 : readers - 1;
        taken = false;
        if (readers == 0 && channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.warn("could not close the lock {}: {}", file, Reason.of(e));
            }
            channel = null;
        }
        notifyAll();
    }
}
