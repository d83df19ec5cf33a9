package dev.construir.qcow2;

import dev.construir.DiskFormatException;

/**
 * What a second-level table says of a cluster of the disk.
 *
 * @param bits the entry
 * @param cluster the cluster's number on the disk, for messages
 * @param header the image's header
 */
record ClusterEntry(long bits, long cluster, Qcow2Header header) {
    private static final long COMPRESSED = 1L << 62;
    private static final long ZERO = 1L;
    private static final int SECTOR = 512;

    /** Where the content of a cluster is. */
    enum Kind {
        /** Nowhere: it reads as zeros. */
        ZEROS,
        /** In a cluster of the file. */
        PLAIN,
        /** In some sectors of the file, compressed. */
        COMPRESSED
    }

    Kind kind() throws DiskFormatException {
        if ((bits & COMPRESSED) != 0) {
            require((bits & ClusterTables.SINGLE) == 0);
            return Kind.COMPRESSED;
        }
        boolean zero = (bits & ZERO) != 0;
        require((bits & ~(ClusterTables.OFFSET | ClusterTables.SINGLE | ZERO)) == 0);
        require(!zero || (header.version() > 2 && !header.hasExtendedTables()));
        require((bits & ClusterTables.OFFSET) % header.clusterSize() == 0);
        require(bits != ClusterTables.SINGLE); // only where the data is in another file
        return zero || bits == 0 ? Kind.ZEROS : Kind.PLAIN;
    }

    /** Checks that what it names begins in the file. */
    void check(long fileSize) throws DiskFormatException {
        if (kind() != Kind.ZEROS && offset() >= fileSize) {
            throw new DiskFormatException("a qcow2 image of " + fileSize + " bytes ends before cluster " + cluster
                    + " of its disk, at byte " + offset() + "; it was not copied whole, or is damaged");
        }
    }

    /** Returns where the content stands in the file. */
    long offset() {
        return (bits & COMPRESSED) == 0 ? bits & ClusterTables.OFFSET : bits & ((1L << lengthShift()) - 1);
    }

    /**
     * Returns how many bytes the compressed content may take, of which it may leave the last ones unused: at most twice
     * a cluster.
     */
    int compressedLength() {
        long more = (bits & (COMPRESSED - 1)) >>> lengthShift();
        return (int) ((more + 1) * SECTOR - offset() % SECTOR);
    }

    private int lengthShift() {
        return 62 - (header.clusterBits() - 8);
    }

    private void require(boolean good) throws DiskFormatException {
        if (!good) {
            throw new DiskFormatException("the entry of cluster " + cluster
                    + " in a second-level table of a qcow2 image is damaged: 0x" + Long.toHexString(bits));
        }
    }
}
