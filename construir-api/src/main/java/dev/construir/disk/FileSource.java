package dev.construir.disk;

import dev.construir.DiskFormatException;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/** An image in a file. Results are read after a run was cancelled, too, so no channel is used: an interrupt would close it. */
final class FileSource implements BlockSource {
    private final RandomAccessFile file;
    private final long size;

    FileSource(Path path) throws IOException {
        file = new RandomAccessFile(path.toFile(), "r");
        size = file.length();
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public synchronized void read(long offset, byte[] into, int at, int length) throws IOException {
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
