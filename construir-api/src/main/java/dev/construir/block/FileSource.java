package dev.construir.block;

import dev.construir.DiskFormatException;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/** A disk in a file. Results are read after a run was cancelled, too, so no channel is used: an interrupt would close it. */
public final class FileSource implements BlockSource {
    private final RandomAccessFile file;
    private final long size;

    /**
     * Opens a file.
     *
     * @param path the file
     * @throws IOException if it cannot be opened
     */
    public FileSource(Path path) throws IOException {
        this(new RandomAccessFile(path.toFile(), "r"));
    }

    /**
     * Reads a file that is open.
     *
     * @param file the file, closed with this; who uses it besides holds this object's lock meanwhile, as both move its position
     * @throws IOException if it does not tell its size
     */
    public FileSource(RandomAccessFile file) throws IOException {
        this.file = file;
        this.size = file.length();
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
            file.seek(offset);
            file.readFully(into, at, length);
        } catch (EOFException e) {
            throw new DiskFormatException("the image ends before byte " + (offset + length), e);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
