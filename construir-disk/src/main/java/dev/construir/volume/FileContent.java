package dev.construir.volume;

import dev.construir.DiskFormatException;
import dev.construir.ext.Geometry;
import dev.construir.ext.Inode;
import dev.construir.volume.BlockMap.Run;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;

/** The content of a file as a stream that knows its holes. */
public final class FileContent extends InputStream {
    private static final byte[] NONE = {};

    private final ExtVolume volume;
    private final Geometry geometry;
    private final BlockMap map;
    private final byte[] inline;
    private final long size;
    private long position;
    private long runStart;
    private Run run = new Run(0, 0);

    public FileContent(ExtVolume volume, long number, Inode inode) throws IOException {
        if (inode.isEncrypted()) {
            throw new DiskFormatException(volume.describe(number) + " is encrypted, and its content cannot be read");
        }
        this.volume = volume;
        this.geometry = volume.geometry();
        this.map = BlockMap.of(volume, number, inode);
        this.size = inode.size();
        this.inline = inode.hasInlineData() ? new InlineData(volume, number, inode).content(size) : NONE;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int at, int length) throws IOException {
        Objects.checkFromIndexSize(at, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (position >= size) {
            return -1;
        }
        int count = (int) Math.min(length, leftInRun());
        if (position < inline.length) {
            System.arraycopy(inline, (int) position, into, at, count);
        } else if (run.isHole()) {
            Arrays.fill(into, at, at + count, (byte) 0);
        } else {
            volume.read(geometry.offset(run.physical()) + position - runStart, into, at, count);
        }
        position += count;
        return count;
    }

    @Override
    public long skip(long count) {
        long skipped = Math.max(0, Math.min(count, size - position));
        position += skipped;
        return skipped;
    }

    @Override
    public int available() {
        return (int) Math.min(Integer.MAX_VALUE, size - position);
    }

    /** Returns how many bytes from here on are a hole; 0 if here is content or the end. */
    public long hole() throws IOException {
        return position >= inline.length && position < size && leftInRun() > 0 && run.isHole() ? leftInRun() : 0;
    }

    private long leftInRun() throws IOException {
        if (position < inline.length) {
            return inline.length - position;
        }
        long blockSize = geometry.blockSize();
        long runEnd = runStart + run.count() * blockSize;
        if (position < runStart || position >= runEnd) {
            long block = position / blockSize;
            run = map.run(block);
            runStart = block * blockSize;
            runEnd = runStart + run.count() * blockSize;
        }
        return Math.min(runEnd, size) - position;
    }
}
