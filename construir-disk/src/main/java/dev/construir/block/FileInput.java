package dev.construir.block;

import dev.construir.host.Holes;
import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * A file from its beginning to its end, whose holes need not be read. The host is asked about them only when a run of
 * zeros was read. For one thread.
 */
public final class FileInput extends FilterInputStream implements SparseInput {
    /** Fewer zeros are not worth asking the host about. */
    private static final int WORTH_ASKING = 64 << 10;

    private final Holes holes;
    private final long size;
    private long position;
    private boolean afterZeros;

    /**
     * Reads a file that is open.
     *
     * @param in the file, at its beginning, which skips without reading
     * @param size the file's size in bytes, beyond which no hole reaches
     * @param holes where the file has none of its data; closed with this
     */
    public FileInput(InputStream in, long size, Holes holes) {
        super(in);
        this.size = size;
        this.holes = holes;
    }

    /**
     * Opens a file. An interrupt does not close it.
     *
     * @param file the file; links are followed
     * @return its bytes
     * @throws IOException if it cannot be opened
     */
    public static FileInput open(Path file) throws IOException {
        Object before = Holes.key(file);
        FileInputStream in = new FileInputStream(file.toFile());
        boolean same = Objects.equals(before, Holes.key(file));
        return new FileInput(in, file.toFile().length(), new Holes(file, same ? before : null));
    }

    @Override
    public int read() throws IOException {
        int value = in.read();
        position += value < 0 ? 0 : 1;
        return value;
    }

    @Override
    public int read(byte[] into, int at, int length) throws IOException {
        int count = in.read(into, at, length);
        position += Math.max(0, count);
        afterZeros = count >= WORTH_ASKING
                && into[at] == 0
                && Arrays.equals(into, at, at + count - 1, into, at + 1, at + count);
        return count;
    }

    @Override
    public long skip(long count) throws IOException {
        long skipped = in.skip(count);
        position += skipped;
        return skipped;
    }

    @Override
    public long hole() {
        if (!afterZeros && !holes.wereFound()) {
            return 0;
        }
        return Math.max(0, Math.min(holes.nextData(position), size) - position);
    }

    @Override
    public long data() {
        long most = size - position;
        // A device says no size, and a file may have grown: what comes then is read as it comes.
        return most <= 0 ? Integer.MAX_VALUE : holes.dataFrom(position, (int) Math.min(Integer.MAX_VALUE, most));
    }

    @Override
    public void skipHole(long bytes) throws IOException {
        skipNBytes(bytes);
    }

    @Override
    public void close() throws IOException {
        holes.close();
        super.close();
    }
}
