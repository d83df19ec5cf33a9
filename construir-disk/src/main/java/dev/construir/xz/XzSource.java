package dev.construir.xz;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.NotSeekableException;
import dev.construir.block.BlockSource;
import java.io.IOException;
import java.util.List;

/**
 * The disk in an .xz file, read block by block and never unpacked as a whole. What is in a block is given only once all
 * of the block was found good, so that reading one byte costs unpacking one block, unless that is among what was
 * unpacked last. What is scattered over large blocks, as a guest can see to, would be unpacked for hours: beyond 64
 * times the disk and a limit nothing more is.
 */
public final class XzSource implements BlockSource {
    private static final long TIMES = 64;

    private final BlockSource file;
    private final XzIndex index;
    private final BlockDecoder decoder;
    private final BlockCache pieces;
    private final long mostDecoded;
    private long decoded;

    private XzSource(BlockSource file, XzIndex index, XzLimits limits) {
        this.file = file;
        this.index = index;
        this.decoder = new BlockDecoder(file, limits);
        this.pieces = new BlockCache(limits.unpacked().bytes());
        this.mostDecoded = limits.repeated().bytes() + Math.min(index.size(), Long.MAX_VALUE / (2 * TIMES)) * TIMES;
    }

    /**
     * Opens a file, and unpacks its first block, as every caller reads a disk's first bytes.
     *
     * @param file the file's bytes, closed with the disk if this succeeds
     * @param limits how much memory is taken at most
     * @return the disk in it
     * @throws NotSeekableException if it cannot be read within the limits, but could be unpacked as a whole
     * @throws DiskFormatException if it is no such file, or damaged; the message says what to do
     * @throws IOException if it cannot be read
     */
    public static XzSource open(BlockSource file, XzLimits limits) throws IOException {
        XzIndex index = XzIndex.read(file, limits);
        if (index.largestBlock() > limits.unpacked().bytes()) {
            throw new NotSeekableException("an .xz file with a block of " + index.largestBlock()
                    + " bytes, all of which would be unpacked to read any of it, and " + limits.unpacked()
                    + " is the most; unpack it first, by: xz -dk, or compress it by: xz --block-size=1MiB");
        }
        XzSource source = new XzSource(file, index, limits);
        if (index.size() > 0) {
            source.read(0, 1);
        }
        return source;
    }

    @Override
    public long size() {
        return index.size();
    }

    /**
     * Returns how much was unpacked since this was opened: what the reading cost.
     *
     * @return the size of all blocks that were unpacked, of each as often as it was
     */
    public synchronized DataSize unpacked() {
        return DataSize.ofBytes(decoded);
    }

    @Override
    public void read(long offset, byte[] into, int at, int length) throws IOException {
        if (offset < 0 || offset > size() - length) {
            throw new DiskFormatException("the disk in an .xz file ends before byte " + (offset + length));
        }
        int done = 0;
        while (done < length) {
            done += readPiece(offset + done, into, at + done, length - done);
        }
    }

    private synchronized int readPiece(long offset, byte[] into, int at, int most) throws IOException {
        XzBlock block = index.block(offset);
        long inBlock = offset - block.start();
        long start = offset - inBlock % BlockCache.SIZE;
        byte[] piece = pieces.get(start);
        if (piece == null) {
            if (decoded > mostDecoded) {
                throw new NotSeekableException("what is read of an .xz file is so scattered that " + decoded
                        + " bytes were unpacked for it, of a disk of " + size()
                        + "; unpack it first, by: xz -dk, or compress it by: xz --block-size=1MiB");
            }
            pieces.makeRoom(block.size());
            List<byte[]> all = decoder.decode(block, BlockCache.SIZE);
            decoded += block.size();
            pieces.put(block.start(), all);
            piece = all.get((int) (inBlock / BlockCache.SIZE));
        }
        int from = (int) (offset - start);
        int count = Math.min(most, piece.length - from);
        System.arraycopy(piece, from, into, at, count);
        return count;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
