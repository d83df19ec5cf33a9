package dev.construir.xz;

import dev.construir.DiskFormatException;
import dev.construir.NotSeekableException;
import dev.construir.block.BlockSource;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** Where the blocks of a file stand: the indexes of all its streams, read from the file's end on. */
final class XzIndex {
    private static final int BYTES_FOR_STREAM = 128;
    /** Padding between streams is unusual; what there is of it is looked through in milliseconds. */
    private static final long MOST_PADDING = 16 << 20;

    private static final int CHUNK = 64 << 10;
    private static final byte[] ZEROS = new byte[CHUNK];

    private final XzStream[] streams;
    private final long[] positions;
    private final long[] starts;
    private final long size;

    private XzIndex(XzStream[] streams, long[] positions) throws DiskFormatException {
        this.streams = streams;
        this.positions = positions;
        this.starts = new long[streams.length];
        long start = 0;
        for (int i = 0; i < streams.length; i++) {
            starts[i] = start;
            start += streams[i].contentSize();
            if (start < 0) {
                throw new DiskFormatException(
                        "an .xz file claims to unpack to 2^63 bytes or more; xz -t tells whether the file is whole");
            }
        }
        size = start;
    }

    /**
     * Reads the indexes.
     *
     * @throws NotSeekableException if they take more memory than they may
     * @throws DiskFormatException if they are damaged, or are none
     */
    static XzIndex read(BlockSource file, XzLimits limits) throws IOException {
        Walk walk = new Walk(file, limits.index().bytes());
        walk.checkStart();
        while (walk.end > 0) {
            walk.step();
        }
        return new XzIndex(
                walk.streams.toArray(XzStream[]::new),
                walk.positions.stream().mapToLong(Long::longValue).toArray());
    }

    /** Returns the size of the disk. */
    long size() {
        return size;
    }

    /** Returns the size of the content of the largest block. */
    long largestBlock() {
        return Arrays.stream(streams).mapToLong(XzStream::largest).max().orElse(0);
    }

    /** Returns the block that holds a byte of the disk, which must exist. */
    XzBlock block(long offset) {
        int number = XzStream.firstAbove(starts, offset) - 1;
        return streams[number].at(offset - starts[number], positions[number] + StreamFrame.SIZE, starts[number]);
    }

    /** The way through a file, from its end to its start. */
    private static final class Walk {
        private final BlockSource file;
        private final Deque<XzStream> streams = new ArrayDeque<>();
        private final Deque<Long> positions = new ArrayDeque<>();
        private long end;
        private long room;
        private long padding;

        Walk(BlockSource file, long room) {
            this.file = file;
            this.end = file.size();
            this.room = room;
        }

        void checkStart() throws IOException {
            if (end < StreamFrame.SIZE || !StreamFrame.hasMagic(file.read(0, StreamFrame.SIZE))) {
                throw new DiskFormatException(
                        "it does not start as an .xz file does; if it is not compressed, it must not be named .xz");
            }
            StreamFrame.check(file.read(0, StreamFrame.SIZE), 0);
            if (end % StreamFrame.ALIGNMENT != 0) {
                throw new DiskFormatException("an .xz file of " + end
                        + " bytes, which is no multiple of four: it was cut short, or something "
                        + "follows it; copy it again");
            }
        }

        /** Goes over the stream that ends here. */
        void step() throws IOException {
            skipPadding();
            long footerAt = end - StreamFrame.SIZE;
            StreamFrame.Footer footer = footer(footerAt);
            long indexAt = footerAt - footer.indexSize();
            if (indexAt < StreamFrame.SIZE) {
                throw StreamFrame.damaged("stream footer", footerAt);
            }
            room -= BYTES_FOR_STREAM;
            if (room < 0) {
                throw new NotSeekableException("an .xz file with more than " + streams.size()
                        + " streams, which takes more memory than it may; unpack it first, by: xz -dk");
            }
            XzStream stream = IndexReader.read(file, indexAt, footer, room);
            room -= (long) stream.packedEnds().length * 2 * Long.BYTES;
            long position = indexAt - stream.packedSize() - StreamFrame.SIZE;
            if (position < 0) {
                throw StreamFrame.damaged("index", indexAt);
            }
            if (StreamFrame.check(file.read(position, StreamFrame.SIZE), position) != footer.check()) {
                throw StreamFrame.damaged("stream footer", footerAt);
            }
            streams.addFirst(stream);
            positions.addFirst(position);
            end = position;
        }

        private StreamFrame.Footer footer(long at) throws IOException {
            byte[] bytes = at < 0 ? new byte[StreamFrame.SIZE] : file.read(at, StreamFrame.SIZE);
            if (streams.isEmpty() && !StreamFrame.hasFooterMagic(bytes)) {
                throw new DiskFormatException(
                        "an .xz file does not end as one: it was cut short, or something follows it; "
                                + "copy it again");
            }
            return StreamFrame.footer(bytes, at);
        }

        /** Zeros, four by four, may follow a stream (section 2.2). */
        private void skipPadding() throws IOException {
            int zeros = CHUNK;
            while (zeros == CHUNK && end > 0) {
                int count = (int) Math.min(CHUNK, end);
                byte[] chunk = file.read(end - count, count);
                zeros = 0;
                while (zeros < count
                        && Arrays.equals(
                                chunk,
                                count - zeros - StreamFrame.ALIGNMENT,
                                count - zeros,
                                ZEROS,
                                0,
                                StreamFrame.ALIGNMENT)) {
                    zeros += StreamFrame.ALIGNMENT;
                }
                end -= zeros;
                padding += zeros;
                if (padding > MOST_PADDING) {
                    throw new DiskFormatException("an .xz file with more than " + MOST_PADDING
                            + " bytes of zeros behind its streams; it was not copied whole, or cut it to its length");
                }
            }
        }
    }
}
