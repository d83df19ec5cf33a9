package dev.construir.xz;

import dev.construir.DiskFormatException;
import dev.construir.NotSeekableException;
import dev.construir.block.BlockSource;
import dev.construir.text.Reason;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.ArrayCache;
import org.tukaani.xz.BasicArrayCache;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.SingleXZInputStream;
import org.tukaani.xz.UnsupportedOptionsException;
import org.tukaani.xz.XZIOException;

/**
 * Unpacks blocks. A block is given to the decoder as the only one of a stream that is made around it, with an index of
 * what the file's own index says: so the decoder checks that the block is what was said, and does not care what else
 * the file holds.
 */
final class BlockDecoder {
    private static final int BUFFER = 64 << 10;

    private final BlockSource file;
    private final int memoryKib;
    private final ArrayCache arrays = new BasicArrayCache(); // a dictionary is as large as many blocks

    BlockDecoder(BlockSource file, XzLimits limits) {
        this.file = file;
        this.memoryKib = (int) (limits.decoder().bytes() >> 10);
    }

    /**
     * Unpacks a block.
     *
     * @param block the block, whose size the caller has bounded
     * @param pieceSize how large the pieces are, but for the last one
     * @return its content in pieces, checked as a whole
     * @throws NotSeekableException if decoding it takes more memory than it may
     * @throws DiskFormatException if it is damaged
     */
    List<byte[]> decode(XzBlock block, int pieceSize) throws IOException {
        InputStream behind = behind(block);
        int untouched = behind.available();
        try (SingleXZInputStream in = new SingleXZInputStream(around(block, behind), memoryKib, true, arrays)) {
            List<byte[]> pieces = new ArrayList<>();
            for (long done = 0; done < block.size(); done += pieceSize) {
                byte[] piece = new byte[(int) Math.min(pieceSize, block.size() - done)];
                if (in.readNBytes(piece, 0, piece.length) < piece.length) {
                    throw damaged(block, otherSizes(block), null);
                }
                pieces.add(piece);
            }
            if (in.read() >= 0) {
                throw damaged(block, otherSizes(block), null);
            }
            return pieces;
        } catch (MemoryLimitException e) {
            throw new NotSeekableException(block + " takes " + e.getMemoryNeeded()
                    + " KiB of memory to decode, more than the " + e.getMemoryLimit()
                    + " KiB that it may; unpack the file first, by: xz -dk");
        } catch (UnsupportedOptionsException e) {
            throw new DiskFormatException(
                    block + " needs what is not known here: " + Reason.of(e)
                            + "; compress it again, by xz's own defaults",
                    e);
        } catch (XZIOException | EOFException e) {
            boolean whole = behind.available() < untouched; // what does not fit is the index
            throw damaged(block, whole ? otherSizes(block) : Reason.of(e), e);
        } catch (RuntimeException e) { // none is known; what a file holds must not end a program
            throw damaged(block, "the decoder failed", e);
        }
    }

    private InputStream around(XzBlock block, InputStream behind) {
        InputStream inside = new SourceStream(file, block.position(), StreamFrame.aligned(block.packed()));
        return new SequenceInputStream(Collections.enumeration(List.of(
                new ByteArrayInputStream(StreamFrame.header(block.check())),
                new BufferedInputStream(inside, BUFFER),
                behind)));
    }

    private static InputStream behind(XzBlock block) {
        ByteArrayOutputStream sizes = new ByteArrayOutputStream();
        StreamFrame.putNumber(sizes, block.packed());
        StreamFrame.putNumber(sizes, block.size());
        byte[] index = StreamFrame.index(1, sizes.toByteArray());
        ByteArrayOutputStream behind = new ByteArrayOutputStream();
        behind.writeBytes(index);
        behind.writeBytes(StreamFrame.footer(block.check(), index.length));
        return new ByteArrayInputStream(behind.toByteArray());
    }

    private static String otherSizes(XzBlock block) {
        return "it has not the sizes that the index says, " + block.packed() + " bytes that unpack to " + block.size();
    }

    private static DiskFormatException damaged(XzBlock block, String how, @Nullable Exception cause) {
        String message = block + " is damaged: " + how + "; xz -t tells whether the file is whole";
        return cause == null ? new DiskFormatException(message) : new DiskFormatException(message, cause);
    }
}
