package dev.construir.block;

import dev.construir.DiskFormatException;
import dev.construir.host.Holes;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * A disk in a file. Results are read after a run was cancelled, too, so no channel is used: an interrupt would close
 * it.
 */
public final class FileSource implements BlockSource {
    /** Fewer zeros are not worth asking the host about. */
    private static final int PROBE = 4096;

    private static final int WORTH_ASKING = 64 << 10;

    private final RandomAccessFile file;
    private final long size;
    private final Holes holes;

    /**
     * Opens a file.
     *
     * @param path the file
     * @throws IOException if it cannot be opened
     */
    public FileSource(Path path) throws IOException {
        Object before = Holes.key(path);
        this.file = new RandomAccessFile(path.toFile(), "r");
        this.size = file.length();
        this.holes = new Holes(path, Objects.equals(before, Holes.key(path)) ? before : null);
    }

    /**
     * Reads a file that is open.
     *
     * @param file the file, closed with this; any other user of it must hold this object's lock meanwhile, as both move
     *     its position
     * @throws IOException if its size is not known
     */
    public FileSource(RandomAccessFile file) throws IOException {
        this.file = file;
        this.size = file.length();
        this.holes = new Holes(Path.of(""), null);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public synchronized void read(long offset, byte[] into, int at, int length) throws IOException {
        if (offset < 0) {
            throw new DiskFormatException("there is no byte " + offset + " in an image");
        }
        try {
            boolean asks = length >= WORTH_ASKING && offset <= size - length && holes.wereFound();
            int done = 0;
            while (done < length) {
                long position = offset + done;
                int left = length - done;
                int zeros = asks ? (int) Math.min(holes.nextData(position) - position, left) : 0;
                int data = asks ? holes.dataFrom(position + zeros, left - zeros) : left;
                Arrays.fill(into, at + done, at + done + zeros, (byte) 0);
                file.seek(position + zeros);
                file.readFully(into, at + done + zeros, data);
                done += zeros + data;
            }
        } catch (EOFException e) {
            throw new DiskFormatException("the image ends before byte " + (offset + length), e);
        }
    }

    @Override
    public synchronized boolean isZero(long offset, int length) throws IOException {
        if (holes.isKnown(offset, length)) {
            return true;
        }
        byte[] probe = new byte[Math.min(length, PROBE)];
        read(offset, probe, 0, probe.length);
        return Arrays.equals(probe, new byte[probe.length]) && holes.nextData(offset) - offset >= length;
    }

    @Override
    public synchronized int dataLength(long offset, int length) {
        if (!holes.wereFound()) {
            return length;
        }
        int before = (int) Math.min(holes.nextData(offset) - offset, length);
        if (before == length) {
            return 0;
        }
        int end = before + holes.dataFrom(offset + before, length - before);
        return end < length && holes.nextData(offset + end) - offset >= length ? end : length;
    }

    @Override
    public synchronized void close() throws IOException {
        holes.close();
        file.close();
    }
}
