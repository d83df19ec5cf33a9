package dev.construir.qemu.overlay;

import dev.construir.machine.HypervisorException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Tells a qcow2 image that was cut short, as a copy or a download is that was broken off. QEMU reads zeros where the file ends, and a guest
 * that boots from it fails in ways that tell nobody what is wrong.
 *
 * <p>The last reference count that is not zero belongs to the last cluster in use; that it lies in the file is all that is looked at, which
 * takes two reads however big the image is. See docs/interop/qcow2.txt in QEMU's sources.
 */
final class Qcow2Extent {
    private static final int CLUSTER_BITS_AT = 20;
    private static final int TABLE_AT = 48;
    private static final int TABLE_CLUSTERS_AT = 56;
    private static final int ORDER_AT = 96;
    private static final int ORDER_2 = 4; // of version 2, which has no field for it
    private static final int MOST_BITS = 21;
    private static final int MOST_TABLE = 8 << 20; // bytes: QEMU's own limit
    private static final long OFFSET = 0x00ff_ffff_ffff_fe00L;

    private Qcow2Extent() {}

    /** Refuses an image whose file ends before its last cluster. */
    static void check(Path image, ByteBuffer header, int version) throws HypervisorException, IOException {
        int bits = header.getInt(CLUSTER_BITS_AT);
        int order = version == 2 ? ORDER_2 : header.getInt(ORDER_AT);
        long tableLength = (header.getInt(TABLE_CLUSTERS_AT) & 0xffff_ffffL) << Math.min(Math.max(bits, 0), MOST_BITS);
        if (bits < 9 || bits > MOST_BITS || order < 0 || order > 6 || tableLength < 1 || tableLength > MOST_TABLE) {
            throw Qcow2Header.refused(image, "its header is damaged", "copy it again, or see qemu-img check");
        }
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "r")) {
            long length = file.length();
            byte[] table = read(image, file, header.getLong(TABLE_AT), (int) tableLength);
            for (int i = table.length / Long.BYTES - 1; i >= 0; i--) {
                long at = ByteBuffer.wrap(table).getLong(i * Long.BYTES) & OFFSET;
                if (at == 0) {
                    continue;
                }
                byte[] counts = read(image, file, at, 1 << bits);
                int last = lastByteInUse(counts);
                if (last >= 0) {
                    long perBlock = (8L << bits) >> order;
                    // The last of the counts that share a byte, or the count that this byte is a part of.
                    long cluster = i * perBlock + ((last * 8L) >> order);
                    if (cluster > length >> bits || cluster << bits >= length) {
                        throw cut(image, length);
                    }
                    return;
                }
            }
        }
    }

    private static int lastByteInUse(byte[] counts) {
        int last = counts.length - 1;
        while (last >= 0 && counts[last] == 0) {
            last--;
        }
        return last;
    }

    private static byte[] read(Path image, RandomAccessFile file, long at, int length)
            throws HypervisorException, IOException {
        if (at < 0 || at > file.length() - length) {
            throw cut(image, file.length());
        }
        byte[] bytes = new byte[length];
        file.seek(at);
        file.readFully(bytes);
        return bytes;
    }

    private static HypervisorException cut(Path image, long length) {
        return Qcow2Header.refused(
                image, "it was cut short: it has " + length + " bytes, and data beyond them", "copy it again");
    }
}
