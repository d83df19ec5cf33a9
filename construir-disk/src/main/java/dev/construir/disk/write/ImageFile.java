package dev.construir.disk.write;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** The file a disk is written to. Content that follows itself on the disk reaches the host in few large writes. */
final class ImageFile implements Closeable {
    private static final int BUFFER = 1 << 20;

    private final RandomAccessFile file;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private long start;

    ImageFile(Path path, long size) throws IOException {
        file = new RandomAccessFile(path.toFile(), "rw");
        channel = file.getChannel();
        file.setLength(size);
    }

    /** Writes content, sooner or later. */
    void append(long offset, byte[] bytes, int from, int length) throws IOException {
        if (offset != start + buffer.position() || buffer.remaining() < length) {
            flush();
            start = offset;
        }
        buffer.put(bytes, from, length);
    }

    /** Writes metadata at once. */
    void write(long offset, byte[] bytes, int length) throws IOException {
        ByteBuffer source = ByteBuffer.wrap(bytes, 0, length);
        while (source.hasRemaining()) {
            offset += channel.write(source, offset);
        }
    }

    /** Reads metadata that were written before, or zeros. */
    void read(long offset, byte[] bytes, int length) throws IOException {
        ByteBuffer target = ByteBuffer.wrap(bytes, 0, length);
        while (target.hasRemaining()) {
            offset += channel.read(target, offset);
        }
    }

    void flush() throws IOException {
        buffer.flip();
        long offset = start;
        while (buffer.hasRemaining()) {
            offset += channel.write(buffer, offset);
        }
        buffer.clear();
        start = offset;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
