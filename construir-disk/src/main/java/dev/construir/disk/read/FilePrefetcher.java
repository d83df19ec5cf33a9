package dev.construir.disk.read;

import dev.construir.thread.Uninterrupted;
import dev.construir.volume.VolumeEntry;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Copies small files before it is their turn, by the thread that extracts and another one, each in its own staging
 * directory: all of a file but its name, which it gets when it is its turn. What is announced has no influence on what
 * is extracted, nor in which order, nor on what is reported. For one thread.
 */
final class FilePrefetcher implements Closeable {
    /** Of larger ones the progress is reported. */
    private static final long LARGEST = 1 << 20;

    private static final int MOST_ON_THEIR_WAY = 64;
    /** Fewer files are copied sooner than a thread is made. */
    private static final int WORTH_A_THREAD = 64;

    private static final boolean IS_WORTH_IT = Runtime.getRuntime().availableProcessors() > 1;

    private final ExtractTarget target;
    private final Supplier<FileExtractor> extractors;
    private final Map<Long, Copy> onTheirWay = new HashMap<>();
    private final BlockingQueue<Copy> waiting = new LinkedBlockingQueue<>();
    private final FileExtractor extractor;
    private @Nullable Helper helper;
    private long offered;
    private long bytes;

    /** @param extractors makes one for each thread */
    FilePrefetcher(ExtractTarget target, Supplier<FileExtractor> extractors) {
        this.target = target;
        this.extractors = extractors;
        this.extractor = extractors.get();
    }

    /** A file that is copied ahead of its turn, or was. */
    static final class Copy {
        private final VolumeEntry entry;
        private final Path part;
        private final CountDownLatch done = new CountDownLatch(1);
        private @Nullable CompleteFile file;
        private @Nullable Throwable failure;
        private long copied;

        private Copy(VolumeEntry entry, long number) {
            this.entry = entry;
            this.part = Path.of("part-" + number);
        }

        private void make(FileExtractor by, Staging into) {
            try {
                file = by.copy(entry, into, part);
            } catch (IOException | RuntimeException | Error e) {
                failure = e; // thrown when the file is wanted
            }
            copied = by.copied();
            done.countDown();
        }

        private void await() throws ClosedByInterruptException {
            try {
                done.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ClosedByInterruptException();
            }
        }

        /** Returns the file. */
        CompleteFile file() throws IOException {
            if (failure instanceof IOException e) {
                throw e;
            } else if (failure instanceof RuntimeException e) {
                throw e;
            } else if (failure instanceof Error e) {
                throw e;
            }
            return Objects.requireNonNull(file);
        }

        /** Returns how much of it was copied, also if that failed. */
        long copied() {
            return copied;
        }
    }

    /** The other thread, and the place where it writes. */
    private record Helper(Thread thread, Staging staging) {}

    /**
     * Takes a file whose turn comes soon, unless there are enough, or it would be more than so many bytes with them.
     */
    void offer(VolumeEntry entry, long room) throws IOException {
        long size = entry.inode().size();
        if (!IS_WORTH_IT
                || size > LARGEST
                || size > room - bytes
                || onTheirWay.size() == MOST_ON_THEIR_WAY
                || onTheirWay.containsKey(entry.number())) {
            return;
        }
        Copy copy = new Copy(entry, ++offered);
        onTheirWay.put(entry.number(), copy);
        bytes += size;
        waiting.add(copy);
        if (offered == WORTH_A_THREAD) {
            helper = startHelper();
        }
    }

    private Helper startHelper() throws IOException {
        Staging staging = target.anotherStaging();
        FileExtractor by = extractors.get();
        Thread thread = new Thread(() -> help(by, staging), "construir-extract");
        thread.setDaemon(true);
        thread.start();
        return new Helper(thread, staging);
    }

    private void help(FileExtractor by, Staging staging) {
        try {
            while (true) {
                waiting.take().make(by, staging);
            }
        } catch (InterruptedException e) {
            // closed: nothing is wanted any more
        }
    }

    /**
     * Returns what became of a file whose turn it is, or null if it was not taken. Others are copied as long as the
     * other thread has it.
     *
     * @throws ClosedByInterruptException if the thread is interrupted meanwhile; it stays so
     */
    @Nullable
    Copy take(VolumeEntry entry) throws ClosedByInterruptException {
        Copy wanted = onTheirWay.remove(entry.number());
        if (wanted == null) {
            return null;
        }
        bytes -= wanted.entry.inode().size();
        while (wanted.done.getCount() > 0) {
            Copy next = waiting.poll();
            if (next == null) {
                wanted.await();
            } else {
                next.make(extractor, target.staging());
            }
        }
        return wanted;
    }

    /** Drops a file whose turn never comes, if it was taken. */
    void forget(VolumeEntry entry) throws IOException {
        Copy unwanted = onTheirWay.remove(entry.number());
        if (unwanted == null) {
            return;
        }
        bytes -= unwanted.entry.inode().size();
        if (!waiting.remove(unwanted)) {
            unwanted.await();
            if (unwanted.file != null) {
                unwanted.file.discard();
            }
        }
    }

    /** Ends the other thread. What was copied and not wanted is removed with the places it is in. */
    @Override
    public void close() throws IOException {
        waiting.clear();
        onTheirWay.clear();
        if (helper != null) {
            helper.thread().interrupt();
            Uninterrupted.run(helper.thread()::join);
            helper.staging().close();
            helper = null;
        }
    }
}
