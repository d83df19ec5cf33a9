package dev.construir.xz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.ArrayCache;
import org.tukaani.xz.BasicArrayCache;
import org.tukaani.xz.FinishableWrapperOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.UnsupportedOptionsException;

/**
 * Compresses blocks, each by itself. Headers say both sizes, so that xz, too, can unpack several blocks at once. Blocks
 * of zeros, of which most of a disk may consist, are compressed once in a process. For one thread at a time; several
 * may have one each.
 */
final class BlockEncoder {
    static final Check CHECK = Check.CRC64;

    private static final int CHECK_SIZE = Long.BYTES;
    /** Enough for any sizes: a header may have room left at its end, which saves moving what is behind it. */
    private static final int HEADER_SIZE = 20;

    private static final int SMALLEST_DICTIONARY = 4096;
    private static final int BOTH_SIZES = 0xc0; // and one filter
    private static final int LZMA2 = 0x21;
    /** How much is compressed between two checks for an interrupt. */
    private static final int PIECE = 64 << 10;

    private static final byte[] ZEROS = new byte[PIECE];

    private final int preset;
    private final LZMA2Options options;
    private final int blockSize;
    private final ArrayCache arrays = new BasicArrayCache();
    private final ByteArrayOutputStream packed = new ByteArrayOutputStream();
    /** The data of what was compressed last: the groups of a file system that are empty begin alike. */
    private byte[] last = {};

    private @Nullable PackedBlock packedLast;

    /**
     * Prepares compressing.
     *
     * @param preset one of xz's presets, 0 to 9
     * @param blockSize the size of all blocks but the last
     */
    BlockEncoder(int preset, int blockSize) {
        this.preset = preset;
        this.options = options(preset, blockSize);
        this.blockSize = blockSize;
    }

    /** Returns the preset, with a dictionary no larger than a block, as nothing else could be found in it. */
    static LZMA2Options options(int preset, int blockSize) {
        try {
            LZMA2Options options = new LZMA2Options(preset);
            int enough = Math.max(SMALLEST_DICTIONARY, Integer.highestOneBit(Math.max(1, blockSize - 1)) << 1);
            options.setDictSize(Math.min(options.getDictSize(), enough));
            return options;
        } catch (UnsupportedOptionsException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * Compresses a block.
     *
     * @param content where its data stand, with room for all of it
     * @param data how many bytes of data there are; zeros follow, whatever stands there in the array
     * @param length the size of the block
     * @throws InterruptedException if the thread is interrupted, within a piece of the block
     */
    PackedBlock encode(byte[] content, int data, int length) throws IOException, InterruptedException {
        if (length < blockSize || !isZero(content, data)) {
            return compressUnlessKnown(content, data, length);
        }
        return encodeZeros(length);
    }

    /**
     * Compresses a block of zeros of any size.
     *
     * @param length how many zeros
     */
    PackedBlock encodeZeros(int length) throws IOException, InterruptedException {
        ZeroBlocks.Kind kind = new ZeroBlocks.Kind(preset, options.getDictSize(), length);
        PackedBlock known = ZeroBlocks.find(kind);
        if (known == null) {
            known = compressZeros(length);
            ZeroBlocks.keep(kind, known);
        }
        return known;
    }

    private PackedBlock compressZeros(int length) throws IOException, InterruptedException {
        long check = Crc64.START;
        for (int at = 0; at < length; at += PIECE) {
            check = Crc64.update(check, ZEROS, Math.min(PIECE, length - at));
        }
        return compress(ZEROS, 0, length, ~check);
    }

    private PackedBlock compressUnlessKnown(byte[] content, int data, int length)
            throws IOException, InterruptedException {
        PackedBlock known = packedLast;
        if (known != null && known.size() == length && Arrays.equals(content, 0, data, last, 0, last.length)) {
            return known;
        }
        Arrays.fill(content, data, length, (byte) 0);
        known = compress(content, PIECE, length, Crc64.of(content, length));
        last = Arrays.copyOf(content, data);
        packedLast = known;
        return known;
    }

    private static boolean isZero(byte[] content, int length) {
        for (int at = 0; at < length; at += PIECE) {
            int end = Math.min(length, at + PIECE);
            if (!Arrays.equals(content, at, end, ZEROS, 0, end - at)) {
                return false;
            }
        }
        return true;
    }

    /** Compresses pieces that stand so far apart in an array: one behind the other, or all of them the same. */
    private PackedBlock compress(byte[] content, int step, int length, long check)
            throws IOException, InterruptedException {
        packed.reset();
        packed.write(ZEROS, 0, HEADER_SIZE);
        try (OutputStream out = options.getOutputStream(new FinishableWrapperOutputStream(packed), arrays)) {
            for (int at = 0; at < length; at += PIECE) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted while compressing a block");
                }
                out.write(content, at / PIECE * step, Math.min(PIECE, length - at));
            }
        }
        int unpadded = packed.size() + CHECK_SIZE;
        packed.write(ZEROS, 0, (int) StreamFrame.aligned(unpadded) - unpadded + CHECK_SIZE);
        byte[] bytes = packed.toByteArray();
        ByteBuffer fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = header(unpadded - HEADER_SIZE - CHECK_SIZE, length);
        fields.put(0, header);
        fields.putInt(header.length, StreamFrame.crc(header, 0, header.length));
        fields.putLong(bytes.length - CHECK_SIZE, check);
        return new PackedBlock(bytes, unpadded, length);
    }

    /** Section 3.1 of the format's description, but for the checksum. */
    private byte[] header(long packedSize, long size) {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.write(HEADER_SIZE / StreamFrame.ALIGNMENT - 1);
        header.write(BOTH_SIZES);
        StreamFrame.putNumber(header, packedSize);
        StreamFrame.putNumber(header, size);
        header.write(LZMA2);
        header.write(1);
        header.write(
                2 * (Integer.numberOfTrailingZeros(options.getDictSize()) - 12)); // section 5.3.1, for powers of two
        return Arrays.copyOf(header.toByteArray(), HEADER_SIZE - Integer.BYTES);
    }
}
