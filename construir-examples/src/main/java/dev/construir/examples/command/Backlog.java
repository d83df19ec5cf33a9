package dev.construir.examples.command;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on their way from a quick writer to a slow reader: some in memory, the rest in a file that has no name and ends with the
 * process. One writer and one reader.
 */
final class Backlog implements AutoCloseable {
    private static final int CHUNK = 1 << 16;

    private final Path directory;
    private final int memory;

    // guarded by this; what is in the queue is older than what is in the file
    private final Deque<byte[]> queue = new ArrayDeque<>();
    private int queued;
    private @Nullable RandomAccessFile file;
    private long readAt;
    private long writtenTo;
    private boolean ended;

    /**
     * Creates a backlog.
     *
     * @param directory where the file is made, once there is need of one
     * @param memory how many bytes are kept in memory
     */
    Backlog(Path directory, int memory) {
        this.directory = directory;
        this.memory = memory;
    }

    /** Takes bytes, without waiting for the reader. */
    synchronized void put(byte[] bytes) throws IOException {
        if (readAt == writtenTo && queued + bytes.length <= memory) {
            queue.add(bytes);
            queued += bytes.length;
        } else {
            RandomAccessFile to = open();
            to.seek(writtenTo);
            to.write(bytes);
            writtenTo += bytes.length;
        }
        notifyAll();
    }

    /** Waits for bytes and returns them; null after the last. */
    synchronized byte @Nullable [] take() throws IOException, InterruptedException {
        while (queue.isEmpty() && readAt == writtenTo && !ended) {
            wait();
        }
        byte[] next = queue.poll();
        if (next != null) {
            queued -= next.length;
            return next;
        }
        return readAt == writtenTo ? null : read();
    }

    private byte[] read() throws IOException {
        RandomAccessFile from = open();
        byte[] bytes = new byte[(int) Math.min(CHUNK, writtenTo - readAt)];
        from.seek(readAt);
        from.readFully(bytes);
        readAt += bytes.length;
        if (readAt == writtenTo) {
            from.setLength(0);
            readAt = 0;
            writtenTo = 0;
        }
        return bytes;
    }

    private RandomAccessFile open() throws IOException {
        RandomAccessFile opened = file;
        if (opened == null) {
            Files.createDirectories(directory);
            Path path = Files.createTempFile(directory, "output-", "");
            opened = new RandomAccessFile(path.toFile(), "rw");
            Files.delete(path);
            file = opened;
        }
        return opened;
    }

    /** Says that no more bytes come. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    @Override
    public synchronized void close() throws IOException {
        end();
        if (file != null) {
            file.close();
        }
    }
}
