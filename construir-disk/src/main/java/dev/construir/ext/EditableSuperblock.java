package dev.construir.ext;

import dev.construir.DiskFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** A superblock. Changes the counts and keeps everything else. */
public final class EditableSuperblock {
    private static final int VALID = 0x1;
    private static final int SIGNED_HASH = 0x1;
    private static final int OLD_INODE_SIZE = 128;
    private static final long BAD_BLOCKS = 1;
    private static final long RESIZE = 7;

    private final byte[] bytes;
    private final ByteBuffer fields;
    private final Geometry geometry;
    private final Checksums checksums;

    /**
     * Takes a superblock, if the file system can be changed.
     *
     * @param bytes its 1,024 bytes
     * @param diskBytes the size of the disk
     * @throws DiskFormatException if it is damaged, or says that the file system cannot be changed as it is; the
     *     message says why
     */
    public EditableSuperblock(byte[] bytes, long diskBytes) throws DiskFormatException {
        this.geometry = Superblock.decode(bytes, diskBytes).geometry();
        this.bytes = bytes;
        this.fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        this.checksums = new Checksums(bytes);
        List<String> features = EditableFeatures.hindering(compatible(), incompatible(), readOnlyCompatible());
        Superblock.check(features.isEmpty(), "features that hinder a change: " + String.join(", ", features));
        SuperblockCheck.check(bytes, checksums);
        checkGeometry();
    }

    /** Features that a reader can ignore. */
    private void checkGeometry() throws DiskFormatException {
        int perGroup = geometry.blocksPerGroup();
        Superblock.check(
                perGroup >= 256 && perGroup <= 8 * geometry.blockSize() && perGroup % 8 == 0,
                perGroup + " blocks in a group; 256 to " + 8 * geometry.blockSize() + " in steps of 8 are allowed");
        Superblock.check(
                geometry.inodesPerGroup() % 8 == 0,
                geometry.inodesPerGroup() + " inodes in a group; multiples of 8 are allowed");
        Superblock.check(
                geometry.firstBlock() == (geometry.blockSize() == 1024 ? 1 : 0),
                "a first block " + geometry.firstBlock() + " of " + geometry.blockSize() + " bytes");
        Superblock.check(
                firstInode() > 10 && firstInode() <= geometry.inodes(),
                "a first inode " + firstInode() + " of " + geometry.inodes());
        int extra = fields.getShort(0x15e) & 0xffff;
        Superblock.check(
                geometry.inodeSize() == OLD_INODE_SIZE
                        || (extra % 4 == 0 && extra <= geometry.inodeSize() - OLD_INODE_SIZE),
                "inodes of " + geometry.inodeSize() + " bytes with " + extra + " more");
        Superblock.check(!hasJournal() || journal() != 0, "its journal is on another disk");
    }

    /**
     * Returns the sizes.
     *
     * @return the sizes
     */
    public Geometry geometry() {
        return geometry;
    }

    /**
     * Returns which checksums there are.
     *
     * @return the checksums
     */
    public Checksums checksums() {
        return checksums;
    }

    private boolean hasFeatures() {
        return fields.getInt(0x4c) != 0;
    }

    private int compatible() {
        return hasFeatures() ? fields.getInt(0x5c) : 0;
    }

    private int incompatible() {
        return hasFeatures() ? fields.getInt(0x60) : 0;
    }

    private int readOnlyCompatible() {
        return hasFeatures() ? fields.getInt(0x64) : 0;
    }

    private boolean hasJournal() {
        return (compatible() & EditableFeatures.HAS_JOURNAL) != 0;
    }

    /**
     * Returns the inode of the journal.
     *
     * @return its number, or 0 if there is no journal
     */
    public long journal() {
        return hasJournal() ? Integer.toUnsignedLong(fields.getInt(0xe0)) : 0;
    }

    /**
     * Returns the inode of what is kept free for the descriptors of more groups.
     *
     * @return its number, or 0 if there is none
     */
    public long resizeInode() {
        return (compatible() & EditableFeatures.RESIZE_INODE) != 0 ? RESIZE : 0;
    }

    /**
     * Returns the inodes that have blocks and no names: of bad blocks, of the journal, of the list of deleted files.
     *
     * @return their numbers
     */
    public Set<Long> hidden() {
        Set<Long> inodes = new TreeSet<>(Set.of(BAD_BLOCKS));
        if (hasJournal()) {
            inodes.add(journal());
        }
        if ((compatible() & EditableFeatures.ORPHAN_FILE) != 0) {
            inodes.add(Integer.toUnsignedLong(fields.getInt(0x280)));
        }
        return inodes;
    }

    /**
     * Returns whether new files are mapped by extents.
     *
     * @return whether they are
     */
    public boolean hasExtents() {
        return (incompatible() & Features.EXTENTS) != 0;
    }

    /**
     * Returns whether directory records say the kind of what they name.
     *
     * @return whether they do
     */
    public boolean hasFileTypes() {
        return (incompatible() & Features.FILETYPE) != 0;
    }

    /**
     * Returns the hash that directories are indexed by, if it is half MD4.
     *
     * @return the hash
     */
    public DirectoryHash directoryHash() {
        ByteBuffer big = ByteBuffer.wrap(bytes);
        return DirectoryHash.of(new UUID(big.getLong(0xec), big.getLong(0xf4)));
    }

    /**
     * Returns whether the bytes of names are hashed as signed characters, as on most processors.
     *
     * @return whether they are
     */
    public boolean hashesSigned() {
        return (fields.getInt(0x160) & SIGNED_HASH) != 0;
    }

    /**
     * Returns how many sectors a file may take.
     *
     * @return the number
     */
    public long maxSectors() {
        return (readOnlyCompatible() & EditableFeatures.HUGE_FILE) != 0 ? (1L << 48) - 1 : (1L << 32) - 1;
    }

    /**
     * Returns the first inode that is not reserved.
     *
     * @return its number
     */
    public long firstInode() {
        return hasFeatures() ? Integer.toUnsignedLong(fields.getInt(0x54)) : Superblock.FIRST_INODE;
    }

    /**
     * Returns how many bytes a new inode uses of what it has beyond 128.
     *
     * @return the number
     */
    public int extraInodeSize() {
        int room = geometry.inodeSize() - OLD_INODE_SIZE;
        int wanted = fields.getShort(0x15e) & 0xffff;
        return room == 0 ? 0 : wanted >= 4 ? wanted : Inode.EXTRA_SIZE;
    }

    /**
     * Returns how many blocks a group's copies of superblock and descriptors take, and what is kept free for more of
     * these.
     *
     * @param group the group
     * @return the number
     */
    public long copies(int group) {
        if (!hasCopies(group)) {
            return 0;
        }
        long bytes = (long) geometry.groups() * geometry.descriptorSize();
        long descriptors = (bytes + geometry.blockSize() - 1) / geometry.blockSize();
        return 1 + descriptors + (hasFeatures() ? fields.getShort(0xce) & 0xffff : 0);
    }

    private boolean hasCopies(int group) {
        if ((compatible() & EditableFeatures.SPARSE_SUPER2) != 0) {
            return group == 0 || group == fields.getInt(0x24c) || group == fields.getInt(0x250);
        }
        return (readOnlyCompatible() & Features.SPARSE_SUPER) == 0 || Layout.hasSuperblock(group);
    }

    /**
     * Sets what is free.
     *
     * @param blocks how many blocks are free
     * @param inodes how many inodes are free
     */
    public void setFree(long blocks, long inodes) {
        fields.putInt(0x0c, (int) blocks);
        if ((incompatible() & Features.WIDE) != 0) {
            fields.putInt(0x158, (int) (blocks >>> 32));
        }
        fields.putInt(0x10, (int) inodes);
    }

    /**
     * Sets the feature for files of 2 GiB or more.
     *
     * @throws DiskFormatException if the file system is so old that it cannot say so
     */
    public void setLargeFiles() throws DiskFormatException {
        Superblock.check(hasFeatures(), "revision 0, which has no files of 2 GiB or more");
        fields.putInt(0x64, readOnlyCompatible() | Features.LARGE_FILE);
    }

    /**
     * Returns the superblock of a file system with no change in progress.
     *
     * @return its 1,024 bytes
     */
    public byte[] clean() {
        return sealed(fields.getShort(0x3a) | VALID);
    }

    /**
     * Returns the superblock of a file system with a change in progress, so that a check looks at it.
     *
     * @return its 1,024 bytes
     */
    public byte[] unclean() {
        return sealed(fields.getShort(0x3a) & ~VALID);
    }

    private byte[] sealed(int state) {
        byte[] copy = bytes.clone();
        ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putShort(0x3a, (short) state);
        checksums.sealSuperblock(copy);
        return copy;
    }
}
