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
 * Compresses blocks, each by itself. Headers say both sizes, so that xz, too, can unpack several blocks at once. Blocks of zeros, of which most
 * of a disk may consist, are compressed once. For one thread; several may have one each.
 */
final class BlockEncoder {
    /** Computed by the processor's own instructions. */
    static final Check CHECK = Check.CRC32;

    private static final int SMALLEST_DICTIONARY = 4096;
    private static final int BOTH_SIZES = 0xc0; // and one filter
    private static final int LZMA2 = 0x21;

    private final LZMA2Options options;
    private final int blockSize;
    private final ArrayCache arrays = new BasicArrayCache();
    private final byte[] zeros;
    private @Nullable PackedBlock packedZeros;

    /**
     * Prepares compressing.
     *
     * @param preset one of xz's presets, 0 to 9
     * @param blockSize the size of all blocks but the last
     */
    BlockEncoder(int preset, int blockSize) {
        this.options = options(preset, blockSize);
        this.blockSize = blockSize;
        this.zeros = new byte[blockSize];
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

    PackedBlock encode(byte[] content, int length) throws IOException {
        if (length < blockSize || !Arrays.equals(content, 0, length, zeros, 0, length)) {
            return compress(content, length);
        }
        PackedBlock known = packedZeros == null ? compress(zeros, length) : packedZeros;
        packedZeros = known;
        return known;
    }

    private PackedBlock compress(byte[] content, int length) throws IOException {
        ByteArrayOutputStream data = new ByteArrayOutputStream(length / 4);
        try (OutputStream out = options.getOutputStream(new FinishableWrapperOutputStream(data), arrays)) {
            out.write(content, 0, length);
        }
        byte[] header = header(data.size(), length);
        int packed = header.length + data.size() + Integer.BYTES;
        byte[] bytes = Arrays.copyOf(header, (int) StreamFrame.aligned(packed));
        System.arraycopy(data.toByteArray(), 0, bytes, header.length, data.size());
        putLast(bytes, StreamFrame.crc(content, 0, length));
        return new PackedBlock(bytes, packed, length);
    }

    /** Section 3.1 of the format's description. */
    private byte[] header(long packed, long size) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0); // its size, as soon as it is known
        out.write(BOTH_SIZES);
        StreamFrame.putNumber(out, packed);
        StreamFrame.putNumber(out, size);
        out.write(LZMA2);
        out.write(1);
        out.write(2 * (Integer.numberOfTrailingZeros(options.getDictSize()) - 12)); // section 5.3.1, for powers of two
        byte[] header = Arrays.copyOf(out.toByteArray(), (int) StreamFrame.aligned(out.size()) + Integer.BYTES);
        header[0] = (byte) (header.length / StreamFrame.ALIGNMENT - 1);
        putLast(header, StreamFrame.crc(header, 0, header.length - Integer.BYTES));
        return header;
    }

    private static void putLast(byte[] bytes, int crc) {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length - Integer.BYTES, crc);
    }
}
