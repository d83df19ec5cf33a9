package dev.construir.qcow2;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.Deflater;

/** Makes qcow2 images of few bytes to test with: those that QEMU makes are in the integration tests. */
public final class Qcow2Maker {
    private static final int TABLES = 1; // the cluster of the first-level table; more of them may follow

    private int version = 3;
    private int clusterBits = 16;
    private boolean compressed;

    /**
     * Sets the version.
     *
     * @param value 2 or 3
     * @return this
     */
    public Qcow2Maker version(int value) {
        version = value;
        return this;
    }

    /**
     * Sets the size of clusters.
     *
     * @param value a power of two
     * @return this
     */
    public Qcow2Maker clusterBits(int value) {
        clusterBits = value;
        return this;
    }

    /**
     * Compresses the clusters.
     *
     * @return this
     */
    public Qcow2Maker compressed() {
        compressed = true;
        return this;
    }

    /**
     * Makes an image. Clusters of zeros are left out, in version 3 every other one by its flag.
     *
     * @param disk the bytes of the disk
     * @return the bytes of the image
     */
    public byte[] make(byte[] disk) {
        int cluster = 1 << clusterBits;
        int clusters = (disk.length + cluster - 1) / cluster;
        int perTable = cluster / Long.BYTES;
        int tables = (clusters + perTable - 1) / perTable;
        int firstTable = TABLES + (tables * Long.BYTES + cluster - 1) / cluster;
        ByteBuffer head = ByteBuffer.allocate((firstTable + tables) * cluster);
        head.putInt(0x514649fb).putInt(version).position(20);
        head.putInt(clusterBits).putLong(disk.length).putInt(0).putInt(tables).putLong((long) TABLES * cluster);
        if (version == 3) {
            head.putInt(96, 4).putInt(100, 104);
        }
        for (int i = 0; i < tables; i++) {
            head.putLong(TABLES * cluster + i * Long.BYTES, 1L << 63 | (long) (firstTable + i) * cluster);
        }
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (int i = 0; i < clusters; i++) {
            byte[] content = Arrays.copyOf(
                    Arrays.copyOfRange(disk, i * cluster, Math.min(disk.length, (i + 1) * cluster)), cluster);
            long entry = Arrays.equals(content, new byte[cluster])
                    ? version == 3 ? i % 2 : 0
                    : add(content, data, head.capacity());
            head.putLong(firstTable * cluster + i * Long.BYTES, entry);
        }
        byte[] image = Arrays.copyOf(head.array(), head.capacity() + data.size());
        System.arraycopy(data.toByteArray(), 0, image, head.capacity(), data.size());
        return image;
    }

    /**
     * Makes an image in a file.
     *
     * @param file the file to write
     * @param disk the bytes of the disk
     * @return the file
     * @throws IOException if it cannot be written
     */
    public Path make(Path file, byte[] disk) throws IOException {
        return Files.write(file, make(disk));
    }

    private long add(byte[] content, ByteArrayOutputStream data, int base) {
        byte[] packed = compressed ? deflated(content) : content;
        if (packed.length >= content.length) {
            int misplaced = data.size() % content.length;
            data.writeBytes(new byte[misplaced == 0 ? 0 : content.length - misplaced]);
            long at = (long) base + data.size();
            data.writeBytes(content);
            return 1L << 63 | at;
        }
        long at = (long) base + data.size();
        data.writeBytes(packed);
        long sectors = (at + packed.length - 1) / 512 - at / 512;
        return 1L << 62 | sectors << (62 - (clusterBits - 8)) | at;
    }

    private static byte[] deflated(byte[] content) {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        deflater.setInput(content);
        deflater.finish();
        byte[] packed = new byte[2 * content.length + 100];
        int length = deflater.deflate(packed);
        deflater.end();
        return Arrays.copyOf(packed, length);
    }
}
