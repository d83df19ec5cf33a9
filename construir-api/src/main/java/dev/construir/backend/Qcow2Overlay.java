package dev.construir.backend;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes empty qcow2 version 3 images: header, reference count table, one block of reference counts, and a first-level
 * table, all zero but for what says so. The image names no backing file: the program that opens it names the file
 * below.
 */
final class Qcow2Overlay {
    private static final int MAGIC = 0x514649fb; // "QFI\xfb"
    private static final int HEADER = 104;
    private static final int CLUSTER_BITS = 16;
    private static final int CLUSTER = 1 << CLUSTER_BITS;
    private static final int SECTOR = 512;
    private static final long BYTES_PER_L1_ENTRY = (long) CLUSTER * (CLUSTER / Long.BYTES);
    private static final long LARGEST = 1L << 50;
    private static final int REFCOUNT_ORDER = 4; // 16 bits each

    private Qcow2Overlay() {}

    /**
     * Creates an image.
     *
     * @param file the file, which must not exist
     * @param virtualSize the disk's size in bytes; rounded up to whole sectors
     * @throws IOException if it cannot be written, or the size is out of range
     */
    static void create(Path file, long virtualSize) throws IOException {
        if (virtualSize <= 0 || virtualSize > LARGEST) {
            throw new IOException("no overlay can be made for a disk of " + virtualSize + " bytes");
        }
        long sectors = (virtualSize + SECTOR - 1) / SECTOR;
        int l1Entries = (int) ((sectors * SECTOR + BYTES_PER_L1_ENTRY - 1) / BYTES_PER_L1_ENTRY);
        int l1Clusters = (l1Entries * Long.BYTES + CLUSTER - 1) / CLUSTER;
        int clusters = 3 + l1Clusters;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            write(channel, 0, header(sectors * SECTOR, l1Entries));
            write(
                    channel,
                    CLUSTER,
                    ByteBuffer.allocate(Long.BYTES).putLong(2L * CLUSTER).flip());
            ByteBuffer refcounts = ByteBuffer.allocate(clusters * Short.BYTES);
            while (refcounts.hasRemaining()) {
                refcounts.putShort((short) 1);
            }
            write(channel, 2L * CLUSTER, refcounts.flip());
            // The first-level table is zeros: a hole up to the file's last byte.
            write(channel, (long) clusters * CLUSTER - 1, ByteBuffer.allocate(1));
        }
    }

    private static ByteBuffer header(long size, int l1Entries) {
        ByteBuffer header = ByteBuffer.allocate(HEADER + 16); // ends with an empty extension: "no more extensions"
        header.putInt(MAGIC).putInt(3);
        header.putLong(0).putInt(0); // no backing file
        header.putInt(CLUSTER_BITS).putLong(size).putInt(0); // not encrypted
        header.putInt(l1Entries).putLong(3L * CLUSTER);
        header.putLong(CLUSTER).putInt(1); // reference count table: where, and how many clusters
        header.putInt(0).putLong(0); // no snapshots
        header.putLong(0).putLong(0).putLong(0); // features: incompatible, compatible, autoclear
        header.putInt(REFCOUNT_ORDER).putInt(HEADER);
        return header.rewind();
    }

    private static void write(FileChannel channel, long position, ByteBuffer bytes) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }
}
