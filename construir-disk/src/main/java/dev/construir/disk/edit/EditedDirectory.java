package dev.construir.disk.edit;

import dev.construir.DiskFormatException;
import dev.construir.disk.DiskFullException;
import dev.construir.disk.LimitException;
import dev.construir.disk.edit.ContentStore.Stored;
import dev.construir.ext.Checksums;
import dev.construir.ext.DirectorySlots;
import dev.construir.ext.EditableInode;
import dev.construir.ext.Extent;
import dev.construir.volume.FileBlocks;
import dev.construir.volume.VolumeEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A directory that loses or gets a name. Its records were read before, to the end or to that name, and found to be
 * whole.
 */
final class EditedDirectory {
    private static final int MAX_INDEX = 4096;

    final EditTransaction edit;
    final long number;
    final int generation;
    private final EditableInode inode;
    private final String description;
    private final int blockSize;
    /** Blocks that were changed, by where they stand on the disk. */
    private final Map<Long, byte[]> changed = new LinkedHashMap<>();

    private final List<Long> oldMap = new ArrayList<>();
    private boolean inodeChanged;

    EditedDirectory(EditTransaction edit, VolumeEntry node) throws IOException {
        this.edit = edit;
        this.number = node.number();
        this.inode = edit.inode(number);
        this.generation = inode.decode().generation();
        this.description = edit.volume.describe(number) + ", a directory,";
        this.blockSize = edit.geometry.blockSize();
        if (inode.isStrange()) {
            throw new DiskFormatException(
                    node.path() + " cannot be changed: it is encrypted, or its content is in its inode");
        }
    }

    /** Takes the record out that stands at a place of the disk. */
    void remove(long position) throws IOException {
        long block = position / blockSize;
        byte[] bytes = records(block);
        slots(bytes).remove((int) (position % blockSize));
        putRecords(block, bytes);
    }

    /**
     * Names a file. Where no record has room the directory gets another block. An index that cannot take the name is
     * dropped; the directory is then one that is searched from its beginning.
     */
    void add(byte[] name, long file, int type) throws IOException {
        FileBlocks all = edit.blocks(number, inode);
        long size = inode.decode().size();
        if (all.hasUnwritten()
                || all.content().isEmpty()
                || all.content().get(all.content().size() - 1).end() > size / blockSize) {
            throw new DiskFormatException(description + " has blocks beyond its end, or that were never written");
        }
        if (inode.isIndexed()) {
            if (new HashedDirectory(this, all).add(name, file, type)) {
                return;
            }
            inode.dropIndex();
            inodeChanged = true;
            dropIndex(all.content());
        }
        if (!addWhereRoomIs(all.content(), name, file, type)) {
            byte[] bytes = new byte[blockSize];
            DirectorySlots slots = slots(bytes);
            slots.clear();
            slots.add(file, type, name);
            grow(all, bytes);
        }
    }

    private boolean addWhereRoomIs(List<Extent> content, byte[] name, long file, int type) throws IOException {
        for (Extent extent : content) {
            for (long block = extent.physical(); block < extent.physical() + extent.count(); block++) {
                byte[] bytes = block(block);
                if (slots(bytes).add(file, type, name)) {
                    if (!changed.containsKey(block)) {
                        records(block);
                    }
                    putRecords(block, bytes);
                    return true;
                }
            }
        }
        return false;
    }

    /** Without checksums an index reads as unused records; with them, it has no room for one. */
    private void dropIndex(List<Extent> content) throws IOException {
        if (!edit.checksums.coverAll()) {
            return;
        }
        for (Extent extent : content) {
            edit.allocation.checkUsed(extent.physical(), extent.count(), description);
            for (long block = extent.physical(); block < extent.physical() + extent.count(); block++) {
                byte[] bytes = block(block);
                if (slots(bytes).dropIndex()) {
                    if (changed.size() == MAX_INDEX) {
                        throw new LimitException(description + " has an index of more than " + MAX_INDEX + " blocks");
                    }
                    putRecords(block, bytes);
                }
            }
        }
    }

    /** Adds a block of records at the end, and returns its place in the directory. */
    long grow(FileBlocks all, byte[] records) throws IOException {
        long size = inode.decode().size();
        if (size + blockSize > Integer.MAX_VALUE) {
            throw new DiskFullException(description + " has " + size + " bytes; it cannot grow");
        }
        List<Extent> content = new ArrayList<>(all.content());
        Extent last = content.get(content.size() - 1);
        edit.allocation.searchFrom(last.physical() + last.count());
        ContentStore store = new ContentStore(edit);
        Extent added = new Extent(size / blockSize, store.allocate(), 1);
        edit.checksums.sealDirectory(records, number, generation);
        edit.putBlock(added.physical(), records);
        if (last.isFollowedBy(added)) {
            content.set(content.size() - 1, new Extent(last.logical(), last.physical(), last.count() + 1));
        } else {
            content.add(added);
        }
        Stored stored = store.mapped(content);
        edit.putMap(stored.map(), number, generation);
        oldMap.addAll(all.map());
        long more = stored.blocks() - all.count();
        inode.setMap(stored.map(), inode.sectors(blockSize) + more * (blockSize / 512));
        inode.setSize(size + blockSize);
        inodeChanged = true;
        return added.logical();
    }

    /** Puts what was changed. The blocks of a new map were put when they were taken. */
    void put() {
        if (inodeChanged) {
            edit.putInode(number, inode);
        }
        changed.forEach(edit::putBlock);
    }

    /** Gives the blocks of the map back that was replaced. */
    void releaseOldMap() throws IOException {
        for (long block : oldMap) {
            edit.allocation.release(block, 1, description);
        }
    }

    /** Returns a copy of a block as it is now. */
    byte[] block(long block) throws IOException {
        return (changed.containsKey(block) ? changed.get(block) : edit.volume.block(block)).clone();
    }

    /** Returns a copy of a block of records that was not changed, and whose checksum is right. */
    byte[] records(long block) throws IOException {
        edit.allocation.checkUsed(block, 1, description);
        byte[] bytes = edit.volume.block(block).clone();
        if (!Checksums.isSealed(bytes, copy -> edit.checksums.sealDirectory(copy, number, generation))) {
            throw damaged(block, "has a wrong checksum");
        }
        return bytes;
    }

    /** Changes a block of records. */
    void putRecords(long block, byte[] bytes) {
        edit.checksums.sealDirectory(bytes, number, generation);
        changed.put(block, bytes);
    }

    /** Changes a block whose checksum is in it. */
    void putSealed(long block, byte[] bytes) {
        changed.put(block, bytes);
    }

    DirectorySlots slots(byte[] bytes) {
        return new DirectorySlots(bytes, edit.checksums);
    }

    DiskFormatException damaged(long block, String found) throws IOException {
        return new DiskFormatException("directory block at byte " + edit.geometry.offset(block) + " of "
                + edit.volume.describe(number) + " " + found);
    }
}
