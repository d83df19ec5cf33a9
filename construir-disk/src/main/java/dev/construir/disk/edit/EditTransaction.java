package dev.construir.disk.edit;

import dev.construir.DiskFormatException;
import dev.construir.ext.AttributeShares;
import dev.construir.ext.Checksums;
import dev.construir.ext.EditableInode;
import dev.construir.ext.EditableSuperblock;
import dev.construir.ext.Extent;
import dev.construir.ext.FileMap;
import dev.construir.ext.Geometry;
import dev.construir.ext.Inode;
import dev.construir.ext.Superblock;
import dev.construir.thread.InterruptPolicy;
import dev.construir.volume.ExtVolume;
import dev.construir.volume.FileBlocks;
import dev.construir.volume.Journal;
import dev.construir.volume.VolumeEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One change of a file system: the writes it is made of are collected in their order, and done when all of them are
 * known. While they are done the superblock says that the file system is not clean.
 *
 * <p>The order is: what nothing refers to yet (content, maps); what says that its blocks are used; what refers to it,
 * and no longer to what it replaces; what says that the blocks of that are free. So when the writing is cut off, at
 * worst blocks and inodes are lost that no file has, or names stand twice that were moving from one leaf of an index to
 * another.
 */
final class EditTransaction {
    final ExtVolume volume;
    final EditableSuperblock superblock;
    final Geometry geometry;
    final Checksums checksums;
    final BlockAllocation allocation;

    private final EditableDisk image;
    private final List<PendingWrite> writes = new ArrayList<>();

    EditTransaction(EditableDisk image) throws IOException {
        this.image = image;
        this.volume = new ExtVolume(image);
        this.superblock = new EditableSuperblock(image.read(Superblock.OFFSET, Superblock.SIZE), image.size());
        this.geometry = superblock.geometry();
        this.checksums = superblock.checksums();
        Journal.checkEmpty(volume, superblock.journal());
        this.allocation = new BlockAllocation(image, volume, superblock);
    }

    /** Reads an inode. */
    EditableInode inode(long number) throws IOException {
        byte[] bytes = image.read(allocation.offsetOfInode(number), geometry.inodeSize());
        if (!Checksums.isSealed(bytes, copy -> checksums.sealInode(copy, 0, copy.length, number))) {
            throw new DiskFormatException(volume.describe(number) + " has a wrong checksum");
        }
        return new EditableInode(bytes);
    }

    /** Reads the inode of an entry that is about to change; refuses one that is free, hidden, encrypted or sealed. */
    EditableInode editableInode(VolumeEntry entry) throws IOException {
        allocation.checkUsedInode(entry.number());
        EditableInode inode = inode(entry.number());
        if (inode.isStrange()) {
            throw new DiskFormatException(entry.path()
                    + " cannot be changed: it is encrypted or sealed by verity, or its content is in its inode");
        }
        return inode;
    }

    void putInode(long number, EditableInode inode) {
        checksums.sealInode(inode.bytes(), 0, geometry.inodeSize(), number);
        put(allocation.offsetOfInode(number), inode.bytes());
    }

    /** Puts an inode that was never used, which has no checksum. */
    void putCleared(long number, EditableInode inode) {
        put(allocation.offsetOfInode(number), inode.bytes());
    }

    void putBlock(long block, byte[] bytes) {
        put(geometry.offset(block), bytes);
    }

    private void put(long offset, byte[] bytes) {
        writes.add(new PendingWrite(offset, bytes));
    }

    /** Puts the blocks of a map, which nothing refers to yet. */
    void putMap(FileMap map, long number, int generation) {
        map.blocks().forEach((block, bytes) -> {
            if (map.extents()) {
                checksums.sealExtents(bytes, number, generation);
            }
            putBlock(block, bytes);
        });
    }

    /** Puts what was taken and given back since this was last done. */
    void putAllocation() {
        writes.addAll(allocation.pendingWrites());
    }

    /** Finds the blocks that a file or a directory has, and checks that they are all it has. */
    FileBlocks blocks(long number, EditableInode inode) throws IOException {
        Inode fields = inode.decode();
        FileBlocks blocks = FileBlocks.of(volume, number, fields);
        long sectors = (blocks.count() + (fields.attributeBlock() == 0 ? 0 : 1)) * (geometry.blockSize() / 512);
        if (sectors != inode.sectors(geometry.blockSize())) {
            throw new DiskFormatException(volume.describe(number) + " says that it takes "
                    + inode.sectors(geometry.blockSize()) + " sectors, but its map has " + sectors);
        }
        return blocks;
    }

    /** Gives the blocks of a file's content and map back. */
    void release(FileBlocks blocks, String who) throws IOException {
        for (Extent extent : blocks.content()) {
            allocation.release(extent.physical(), extent.count(), who);
        }
        releaseMap(blocks, who);
    }

    /** Gives the blocks of a map back. */
    void releaseMap(FileBlocks blocks, String who) throws IOException {
        for (long block : blocks.map()) {
            allocation.release(block, 1, who);
        }
    }

    /** Gives a block of extended attributes back, or counts one less of those that share it. */
    void releaseAttributes(long block, String who) throws IOException {
        volume.checkBlocks(block, 1, who);
        AttributeShares shares = new AttributeShares(volume.block(block).clone(), geometry.offset(block));
        if (!Checksums.isSealed(shares.block(), bytes -> checksums.sealAttributes(bytes, block))) {
            throw new DiskFormatException(
                    "attribute block at byte " + geometry.offset(block) + " has a wrong checksum");
        }
        if (shares.count() == 1) {
            allocation.release(block, 1, who);
        } else {
            allocation.checkUsed(block, 1, who);
            shares.drop();
            checksums.sealAttributes(shares.block(), block);
            putBlock(block, shares.block());
        }
    }

    /** Writes everything. An interrupt has an effect until the first write, and none after it. */
    void apply() throws IOException {
        InterruptPolicy.RESPECTED.check();
        try {
            write(new PendingWrite(Superblock.OFFSET, superblock.unclean()));
            for (PendingWrite pending : writes) {
                write(pending);
            }
            write(new PendingWrite(Superblock.OFFSET, superblock.clean()));
        } catch (IOException e) {
            throw new IOException(
                    "changing the image was cut off in the middle: it is marked as not clean, and at worst blocks"
                            + " are lost that no file has; repair it: e2fsck -f",
                    e);
        }
    }

    private void write(PendingWrite pending) throws IOException {
        image.write(pending.offset, pending.bytes, 0, pending.bytes.length);
    }

    /** Writes content to blocks that are free on the disk. */
    void writeContent(long block, byte[] bytes, int at, int length) throws IOException {
        image.write(geometry.offset(block), bytes, at, length);
    }
}
