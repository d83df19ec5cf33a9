package dev.construir.qcow2;

import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import dev.construir.qcow2.Qcow2Header.Compression;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The disk in an image, as a guest sees it. Whatever the image holds, at most about 16 MiB of memory are in use.
 *
 * <p>What snapshots inside the image hold is not read, and neither are clusters that are compressed with Zstandard.
 */
public final class Qcow2Image implements BlockSource {
    private static final Logger LOG = LoggerFactory.getLogger(Qcow2Image.class);

    private static final int CLUSTERS_KEPT_BYTES = 4 << 20;
    /** At 64 KiB a cluster, the tables of a disk of 128 GiB: 16 MiB, read in some milliseconds. */
    private static final long ENTRIES_CHECKED = 2 << 20;

    private static final String CONVERT = "; convert it: qemu-img convert -O qcow2 OLD.qcow2 NEW.qcow2";

    private final BlockSource file;
    private final Qcow2Header header;
    private final ClusterTables tables;
    private final LruCache inflated;

    private Qcow2Image(BlockSource file, Qcow2Header header) {
        this.file = file;
        this.header = header;
        this.tables = new ClusterTables(file, header);
        this.inflated = new LruCache(Math.min(64, CLUSTERS_KEPT_BYTES / header.clusterSize()));
    }

    /**
     * Opens an image.
     *
     * @param file the image's bytes, closed with the image if this succeeds
     * @return the disk in it
     * @throws DiskFormatException if it is no image, or one that cannot be read here; the message says what to do
     * @throws IOException if it cannot be read
     */
    public static Qcow2Image open(BlockSource file) throws IOException {
        Qcow2Header header = Qcow2Header.read(file);
        if (header.hasExtendedTables()) {
            throw new DiskFormatException("a qcow2 image with extended L2 entries, which are not read here" + CONVERT);
        }
        if (header.compression() == Compression.ZSTD
                && new ClusterTables(file, header).nameCompressed(ENTRIES_CHECKED)) {
            throw new DiskFormatException(
                    "a qcow2 image that is compressed with zstd, which is not read here" + CONVERT);
        }
        if (header.isDirty()) {
            LOG.warn("a qcow2 image was not closed by what wrote it; its files are read all the same. "
                    + "To repair it: qemu-img check -r all");
        }
        return new Qcow2Image(file, header);
    }

    /**
     * Reads the beginning of the disk in an image that machines can have, even if not all of it can be read here.
     *
     * @param file the image's bytes
     * @param length how many bytes
     * @return them, or nothing if they cannot be read here or the disk is smaller
     * @throws DiskFormatException if it is no image
     * @throws IOException if the file cannot be read
     */
    public static Optional<byte[]> beginning(BlockSource file, int length) throws IOException {
        Qcow2Header header = Qcow2Header.read(file);
        Qcow2Image image = new Qcow2Image(file, header);
        boolean inOneCluster = length <= header.clusterSize() && length <= image.size();
        if (header.hasExtendedTables() || !inOneCluster) {
            return Optional.empty();
        }
        ClusterEntry first = image.tables.entry(0);
        boolean packed = first.kind() == ClusterEntry.Kind.COMPRESSED && header.compression() != Compression.ZLIB;
        return packed ? Optional.empty() : Optional.of(image.read(0, length));
    }

    /**
     * Checks that a machine can have an image as a disk, without looking at the data: that it has a valid header, and
     * that all that its tables name is in the file. Of tables of more than 16 MiB only the first part is looked at.
     *
     * @param file the image's bytes
     * @throws DiskFormatException if it cannot; the message says what was found and what to do
     * @throws IOException if it cannot be read
     */
    public static void check(BlockSource file) throws IOException {
        new ClusterTables(file, Qcow2Header.read(file)).checkAll(ENTRIES_CHECKED);
    }

    @Override
    public long size() {
        return header.virtualSize();
    }

    @Override
    public void read(long offset, byte[] into, int at, int length) throws IOException {
        if (offset < 0 || offset > size() - length) {
            throw new DiskFormatException("the disk in a qcow2 image ends before byte " + (offset + length));
        }
        int done = 0;
        while (done < length) {
            long position = offset + done;
            int inCluster = (int) (position % header.clusterSize());
            int count = Math.min(length - done, header.clusterSize() - inCluster);
            readCluster(tables.entry(position / header.clusterSize()), inCluster, into, at + done, count);
            done += count;
        }
    }

    private void readCluster(ClusterEntry entry, int from, byte[] into, int at, int count) throws IOException {
        switch (entry.kind()) {
            case ZEROS -> Arrays.fill(into, at, at + count, (byte) 0);
            case PLAIN -> file.read(entry.offset() + from, into, at, count);
            case COMPRESSED ->
                System.arraycopy(inflated.get(entry.bits(), () -> inflate(entry)), from, into, at, count);
        }
    }

    private byte[] inflate(ClusterEntry entry) throws IOException {
        if (header.compression() != Compression.ZLIB) {
            throw new DiskFormatException("cluster " + entry.cluster() + " of a qcow2 image is compressed with "
                    + header.compression().name().toLowerCase(Locale.ROOT)
                    + ", which is not read here" + CONVERT);
        }
        entry.check(file.size());
        // The last sector need not be whole at the end of a file.
        long length = Math.min(entry.compressedLength(), file.size() - entry.offset());
        byte[] cluster = new byte[header.clusterSize()];
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(file.read(entry.offset(), (int) length));
            int done = 0;
            while (done < cluster.length) {
                int count = inflater.inflate(cluster, done, cluster.length - done);
                if (count == 0) {
                    throw damaged(entry, "it ends after " + done + " bytes", null);
                }
                done += count;
            }
            return cluster;
        } catch (DataFormatException e) {
            throw damaged(entry, String.valueOf(e.getMessage()), e);
        } finally {
            inflater.end();
        }
    }

    private static DiskFormatException damaged(ClusterEntry entry, String how, @Nullable Exception cause) {
        String message = "the compressed cluster " + entry.cluster() + " of a qcow2 image, at byte " + entry.offset()
                + ", is damaged: " + how;
        return cause == null ? new DiskFormatException(message) : new DiskFormatException(message, cause);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
