package dev.construir.queue;

import dev.construir.block.Sha256;
import dev.construir.text.Reason;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Caches the SHA-256 of files that seldom change, such as root images. Each is read once; the digests of an image
 * directory's files are also written beside them, for later processes. Safe for use by many threads.
 */
final class FileDigests implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileDigests.class);
    private static final int CHUNK = 1 << 18;
    private static final int MOST = 100;

    private record Known(FileStamp stamp, FutureTask<String> digest) {}

    private final Map<Path, Known> known = new ConcurrentHashMap<>();

    // guarded by this
    private final Set<Thread> background = new HashSet<>();
    private boolean closed;

    /** Computes the digests of files, one after the other, on its own thread. */
    synchronized void begin(Iterable<Path> files) {
        Thread thread = new Thread(() -> read(files), "construir-digest");
        thread.setDaemon(true);
        if (!closed) {
            background.add(thread);
            thread.start();
        }
    }

    private void read(Iterable<Path> files) {
        try {
            for (Path file : files) {
                tryToRead(file);
            }
        } catch (
                @SuppressWarnings("unused")
                InterruptedException e) { // closed
        } finally {
            end(Thread.currentThread());
        }
    }

    private void tryToRead(Path file) throws InterruptedException {
        try {
            String ignored = sha256(file);
        } catch (IOException e) {
            LOG.debug("No digest of {} before it is needed", file, e); // reported when it is needed
        }
    }

    private synchronized void end(Thread thread) {
        background.remove(thread);
    }

    /** Stops reading in the background without waiting. {@link #sha256} still works. */
    @Override
    public synchronized void close() {
        closed = true;
        background.forEach(Thread::interrupt);
    }

    /**
     * Returns the digest in hexadecimal. Concurrent calls for the same file wait for the first; if that is interrupted,
     * one of them reads the file.
     */
    String sha256(Path file) throws IOException, InterruptedException {
        while (true) {
            Known entry = entryOf(file);
            entry.digest().run(); // no effect if another thread runs or ran it
            try {
                return entry.digest().get();
            } catch (ExecutionException e) {
                known.remove(file, entry);
                Throwable cause = e.getCause();
                if (cause instanceof IOException failure) {
                    throw new IOException(Reason.of(failure), failure);
                }
                if (!(cause instanceof InterruptedException)) {
                    throw new IllegalStateException("the digest of " + file + " could not be computed", cause);
                }
                if (Thread.interrupted()) {
                    throw new InterruptedException(cause.getMessage());
                }
            }
        }
    }

    private Known entryOf(Path file) throws IOException {
        FileStamp stamp = FileStamp.of(file);
        if (known.size() >= MOST) {
            known.clear();
        }
        return known.compute(
                file,
                (path, before) -> before != null && before.stamp().equals(stamp)
                        ? before
                        : new Known(stamp, new FutureTask<>(() -> find(path, stamp))));
    }

    private static String find(Path file, FileStamp stamp) throws IOException, InterruptedException {
        Optional<String> noted = DigestNote.read(file, stamp);
        if (noted.isPresent()) {
            return noted.get();
        }
        String digest = read(file);
        if (!FileStamp.of(file).equals(stamp)) {
            throw new IOException(file + " was changed while it was read");
        }
        DigestNote.write(file, stamp, digest);
        return digest;
    }

    // A stream, as an interrupt would close a channel.
    private static String read(Path file) throws IOException, InterruptedException {
        try (InputStream in = new FileInputStream(file.toFile())) {
            Sha256 digest = new Sha256();
            byte[] chunk = new byte[CHUNK];
            for (int n = in.read(chunk); n > 0; n = in.read(chunk)) {
                digest.update(chunk, 0, n);
                if (Thread.currentThread().isInterrupted()) { // not cleared: sha256 looks at it
                    throw new InterruptedException("interrupted while reading " + file);
                }
            }
            return digest.finish();
        }
    }
}
