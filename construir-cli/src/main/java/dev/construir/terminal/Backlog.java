package dev.construir.terminal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on their way from a quick writer to a slow reader: some in memory, the rest in a file that has no name and ends
 * with the process. What they cost does not depend on how small the pieces are. One writer and one reader.
 */
final class Backlog implements AutoCloseable {
    private static final int CHUNK = 1 << 16;

    private final Path directory;

    // guarded by this; what is in memory is older than what is in the file
    private final byte[] memory; // a ring
    private int first;
    private int held;
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
        this.memory = new byte[memory];
    }

    /**
     * Takes bytes, without waiting for the reader.
     *
     * @throws IOException if there is no room for them; none of them is taken then
     */
    synchronized void put(byte[] bytes) throws IOException {
        if (readAt == writtenTo && held + bytes.length <= memory.length) {
            int at = (first + held) % memory.length;
            int n = Math.min(bytes.length, memory.length - at);
            System.arraycopy(bytes, 0, memory, at, n);
            System.arraycopy(bytes, n, memory, 0, bytes.length - n);
            held += bytes.length;
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
        while (held == 0 && readAt == writtenTo && !ended) {
            wait();
        }
        if (held > 0) {
            return remember();
        }
        return readAt == writtenTo ? null : read();
    }

    private byte[] remember() {
        byte[] bytes = new byte[Math.min(held, CHUNK)];
        int n = Math.min(bytes.length, memory.length - first);
        System.arraycopy(memory, first, bytes, 0, n);
        System.arraycopy(memory, 0, bytes, n, bytes.length - n);
        first = (first + bytes.length) % memory.length;
        held -= bytes.length;
        return bytes;
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
