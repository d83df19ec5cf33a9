package dev.construir.xz;

import dev.construir.DiskFormatException;
import dev.construir.NotSeekableException;
import dev.construir.block.BlockSource;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/**
 * Reads the index of a stream (section 4). The numbers in it are the file's to choose: all sums are checked, and memory
 * is taken only as allowed.
 */
final class IndexReader {
    private static final int LONGEST_NUMBER = 9;
    private static final int BUFFER = 8 << 10;
    private static final int SMALLEST_RECORD = 2;
    private static final int SMALLEST_BLOCK = 5; // unpadded
    private static final int BYTES_FOR_BLOCK = 2 * Long.BYTES;

    private final long position;
    private final long size;
    private final CRC32 crc = new CRC32();
    private final InputStream in;
    private long read;

    private IndexReader(BlockSource file, long position, long size) {
        this.position = position;
        this.size = size;
        this.in = new CheckedInputStream(new BufferedInputStream(new SourceStream(file, position, size), BUFFER), crc);
    }

    /**
     * Reads an index.
     *
     * @param file the file
     * @param position where the index stands
     * @param footer what the footer behind it says
     * @param room how many bytes of memory it may take
     */
    static XzStream read(BlockSource file, long position, StreamFrame.Footer footer, long room) throws IOException {
        IndexReader reader = new IndexReader(file, position, footer.indexSize());
        reader.require(reader.next() == 0);
        int count = reader.count(room);
        long[] packedEnds = new long[count];
        long[] contentEnds = new long[count];
        long packed = 0;
        long content = 0;
        for (int i = 0; i < count; i++) {
            long packedSize = reader.number();
            reader.require(packedSize >= SMALLEST_BLOCK && packedSize <= position);
            packed = StreamFrame.aligned(packed) + packedSize;
            reader.require(packed <= position);
            content += reader.number();
            reader.require(content >= 0);
            packedEnds[i] = packed;
            contentEnds[i] = content;
        }
        reader.end();
        return new XzStream(footer.check(), packedEnds, contentEnds);
    }

    private int count(long room) throws IOException {
        long count = number();
        require(count <= size / SMALLEST_RECORD);
        if (count > room / BYTES_FOR_BLOCK) {
            throw new NotSeekableException("an .xz file with a list of " + count
                    + " blocks or more, which takes more memory than it may; unpack it first, by: xz -dk");
        }
        return (int) count;
    }

    private void end() throws IOException {
        while (read % StreamFrame.ALIGNMENT != 0) {
            require(next() == 0);
        }
        long expected = crc.getValue();
        long stored = 0;
        for (int i = 0; i < Integer.SIZE; i += Byte.SIZE) {
            stored |= (long) next() << i;
        }
        require(stored == expected && read == size);
    }

    private long number() throws IOException {
        long number = 0;
        for (int i = 0; i < LONGEST_NUMBER; i++) {
            int next = next();
            number |= (long) (next & 0x7f) << (7 * i);
            if (next < 0x80) {
                require(next != 0 || i == 0); // the shortest form is the only one
                return number;
            }
        }
        throw damaged();
    }

    private int next() throws IOException {
        require(read < size);
        read++;
        int next = in.read();
        require(next >= 0);
        return next;
    }

    private void require(boolean good) throws DiskFormatException {
        if (!good) {
            throw damaged();
        }
    }

    private DiskFormatException damaged() {
        return StreamFrame.damaged("index", position);
    }
}
