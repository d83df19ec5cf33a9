package dev.construir.xz;

import dev.construir.DataSize;
import dev.construir.block.BytesSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Makes .xz files to test with. */
final class XzFiles {
    static final XzLimits SMALL = new XzLimits(
            DataSize.ofKibibytes(64), DataSize.ofMebibytes(2), DataSize.ofKibibytes(512), DataSize.ofMebibytes(1));

    private XzFiles() {}

    /** Noise, zeros, letters that compress. */
    static byte[] disk(int size) {
        byte[] disk = new byte[size];
        Random random = new Random(1);
        for (int at = 0; at < size; at += 7000) {
            byte[] piece = new byte[Math.min(7000, size - at)];
            switch (random.nextInt(4)) {
                case 0 -> random.nextBytes(piece);
                case 1 -> Arrays.fill(piece, (byte) ('a' + random.nextInt(20)));
                default -> {}
            }
            System.arraycopy(piece, 0, disk, at, piece.length);
        }
        return disk;
    }

    /** One stream, written by the library. */
    static byte[] stream(byte[] content, int blockSize, Check check) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LZMA2Options options = new LZMA2Options(0);
        options.setDictSize(1 << 16);
        try (XZOutputStream xz = new XZOutputStream(out, options, check.id())) {
            for (int at = 0; at < content.length; at += blockSize) {
                xz.write(content, at, Math.min(blockSize, content.length - at));
                xz.endBlock();
            }
        }
        return out.toByteArray();
    }

    /** One stream, written here. */
    static byte[] written(byte[] content, int blockSize) throws IOException, InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new XzCompressor(1, blockSize, 2).compress(new BytesSource(content), OutputStream.nullOutputStream(), out);
        return out.toByteArray();
    }

    /** A stream of one block, which is what the bytes say, with an index that says what it is told. */
    static byte[] claiming(byte[] block, Check check, long... sizes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(StreamFrame.header(check));
        out.writeBytes(block);
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        for (long size : sizes) {
            StreamFrame.putNumber(records, size);
        }
        byte[] index = StreamFrame.index(sizes.length / 2, records.toByteArray());
        out.writeBytes(index);
        out.writeBytes(StreamFrame.footer(check, index.length));
        return out.toByteArray();
    }

    static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List.of(parts).forEach(out::writeBytes);
        return out.toByteArray();
    }
}
