package dev.construir.qcow2;

import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What an image says of itself at its beginning. All its numbers are big-endian.
 *
 * @param version 2 or 3
 * @param clusterBits the size of a cluster as a power of two, 9 to 21
 * @param virtualSize the size of the disk that a guest sees, in bytes
 * @param tables how many entries the first-level table has, each of which names a second-level table
 * @param tablesOffset where the first-level table stands in the file
 * @param incompatible the features that a reader must know
 * @param compression how compressed clusters are
 */
public record Qcow2Header(
        int version,
        int clusterBits,
        long virtualSize,
        int tables,
        long tablesOffset,
        long incompatible,
        Compression compression) {

    /** What clusters may be compressed with. */
    public enum Compression {
        /** Deflate, without the header of zlib. */
        ZLIB,
        /** Zstandard. */
        ZSTD
    }

    private static final int MAGIC = 0x514649fb; // "QFI\xfb"
    private static final int LENGTH_2 = 72;
    private static final int LENGTH_3 = 104;
    private static final int COMPRESSION_AT = 104;
    private static final int MAX_TABLES = (32 << 20) / Long.BYTES; // as in QEMU

    private static final long DIRTY = 1L;
    private static final long CORRUPT = 1L << 1;
    private static final long EXTERNAL_DATA = 1L << 2;
    private static final long COMPRESSION_TYPE = 1L << 3;
    private static final long EXTENDED_TABLES = 1L << 4;
    private static final long KNOWN = DIRTY | COMPRESSION_TYPE | EXTENDED_TABLES;

    private static final String FLATTEN = "; make a standalone image: qemu-img convert -O qcow2 OLD.qcow2 NEW.qcow2";

    /**
     * Reads a header and refuses what leads to other files than this one, and what cannot be a disk by itself.
     *
     * @param file the image's bytes
     * @return the header
     * @throws DiskFormatException if it is no such image; the message says what was found and what to do
     * @throws IOException if it cannot be read
     */
    public static Qcow2Header read(BlockSource file) throws IOException {
        int length = (int) Math.min(file.size(), COMPRESSION_AT + 1);
        ByteBuffer in = ByteBuffer.wrap(file.read(0, length));
        check(
                length >= Integer.BYTES && in.getInt(0) == MAGIC,
                "it does not start like one; if it is a raw image, it must be declared as one, or not be named .qcow2");
        check(length >= LENGTH_2, "it ends within the header; it was not copied whole");
        int version = in.getInt(4);
        check(version == 2 || version == 3, "it has version " + Integer.toUnsignedString(version) + FLATTEN);
        check(version == 2 || length >= LENGTH_3, "it ends within the header; it was not copied whole");
        check(in.getLong(8) == 0, "it builds on a backing file, which is never opened" + FLATTEN);
        check(
                in.getInt(32) == 0,
                "it is encrypted; decrypt it: qemu-img convert --object secret,id=s,file=PASSWORD "
                        + "--image-opts driver=qcow2,encrypt.key-secret=s,file.filename=OLD.qcow2 -O qcow2 NEW.qcow2");
        Qcow2Header header = new Qcow2Header(
                version,
                in.getInt(20),
                in.getLong(24),
                in.getInt(36),
                in.getLong(40),
                version == 2 ? 0 : in.getLong(72),
                compression(in, version));
        header.checkFeatures();
        header.checkSizes(file.size());
        return header;
    }

    private static Compression compression(ByteBuffer in, int version) throws DiskFormatException {
        if (version == 2 || (in.getLong(72) & COMPRESSION_TYPE) == 0) {
            return Compression.ZLIB;
        }
        long headerLength = Integer.toUnsignedLong(in.getInt(100));
        int type = headerLength > COMPRESSION_AT && in.limit() > COMPRESSION_AT ? in.get(COMPRESSION_AT) : 0;
        check(type == 1, "it is compressed in a way unknown here, " + type + FLATTEN);
        return Compression.ZSTD;
    }

    private void checkFeatures() throws DiskFormatException {
        check((incompatible & EXTERNAL_DATA) == 0, "its data is in another file, which is never opened" + FLATTEN);
        check((incompatible & CORRUPT) == 0, "it is marked as corrupt; see: qemu-img check");
        check(
                (incompatible & ~KNOWN) == 0,
                "it needs features unknown here, 0x" + Long.toHexString(incompatible & ~KNOWN) + FLATTEN);
    }

    private void checkSizes(long fileSize) throws DiskFormatException {
        int fewestBits = hasExtendedTables() ? 14 : 9;
        check(
                clusterBits >= fewestBits && clusterBits <= 21,
                "its clusters have 2^" + Integer.toUnsignedString(clusterBits) + " bytes; 2^" + fewestBits
                        + " to 2^21 are allowed");
        check(virtualSize > 0, "its disk has no size");
        long needed = 1 + (((virtualSize - 1) >>> clusterBits) >>> (clusterBits - (hasExtendedTables() ? 4 : 3)));
        check(
                tables >= needed && tables <= MAX_TABLES,
                "its first-level table has " + Integer.toUnsignedString(tables) + " entries; " + needed + " to "
                        + MAX_TABLES + " are allowed for a disk of " + virtualSize + " bytes");
        check(
                tablesOffset > 0 && tablesOffset % clusterSize() == 0,
                "its first-level table is at byte " + tablesOffset + ", where no cluster begins");
        check(
                tablesOffset <= fileSize - (long) tables * Long.BYTES,
                "it ends before its first-level table at byte " + tablesOffset + "; it was not copied whole");
    }

    private static void check(boolean good, String found) throws DiskFormatException {
        if (!good) {
            throw new DiskFormatException("no usable qcow2 image: " + found);
        }
    }

    /**
     * Returns the size of a cluster.
     *
     * @return the size in bytes, a power of two from 512 to 2 MiB
     */
    int clusterSize() {
        return 1 << clusterBits;
    }

    /**
     * Returns whether the image was not closed by what wrote it. Then its reference counts may be wrong, which no
     * reader needs.
     *
     * @return whether it is marked so
     */
    boolean isDirty() {
        return (incompatible & DIRTY) != 0;
    }

    /**
     * Returns whether the second-level tables have entries of 16 bytes, which know of parts of clusters.
     *
     * @return whether they do
     */
    boolean hasExtendedTables() {
        return (incompatible & EXTENDED_TABLES) != 0;
    }
}
