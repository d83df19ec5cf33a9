package dev.construir.disk;

import dev.construir.DiskFormatException;
import dev.construir.disk.ContentStore.Stored;
import dev.construir.ext.Checksums;
import dev.construir.ext.DirectorySlots;
import dev.construir.ext.EditableInode;
import dev.construir.ext.Extent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A directory that loses or gets a name. Its records were read before, to the end or to that name, and found to be whole. */
final class EditedDirectory {
    private static final int MAX_INDEX = 4096;

    private final Edit edit;
    private final long number;
    private final EditableInode inode;
    private final int generation;
    private final String description;
    private final int blockSize;
    private final Map<Long, byte[]> blocks = new LinkedHashMap<>();
    private final List<Long> oldMap = new ArrayList<>();
    private boolean inodeChanged;

    EditedDirectory(Edit edit, Node node) throws IOException {
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
        edit.space.checkUsed(block, 1, description);
        byte[] bytes = sealed(block);
        slots(bytes).remove((int) (position % blockSize));
        blocks.put(block, bytes);
    }

    /**
     * Names a file. Where no record has room the directory gets another block. Its index is dropped, because the new record
     * would not be found by it; the directory is then one that is searched from its beginning.
     */
    void add(byte[] name, long file, int type) throws IOException {
        FileBlocks all = edit.blocks(number, inode);
        List<Extent> content = all.content();
        long size = inode.decode().size();
        if (all.hasUnwritten()
                || content.isEmpty()
                || content.get(content.size() - 1).end() > size / blockSize) {
            throw new DiskFormatException(description + " has blocks beyond its end, or that were never written");
        }
        if (inode.isIndexed()) {
            inode.dropIndex();
            inodeChanged = true;
            dropIndex(content);
        }
        for (Extent extent : content) {
            for (long block = extent.physical(); block < extent.physical() + extent.count(); block++) {
                byte[] bytes = blocks.containsKey(block)
                        ? blocks.get(block)
                        : edit.volume.block(block).clone();
                if (slots(bytes).add(file, type, name)) {
                    if (!blocks.containsKey(block)) {
                        checkSealed(block);
                    }
                    blocks.put(block, bytes);
                    return;
                }
            }
        }
        grow(all, size, name, file, type);
    }

    /** Without checksums an index reads as unused records; with them, it has no room for one. */
    private void dropIndex(List<Extent> content) throws IOException {
        if (!edit.checksums.coverAll()) {
            return;
        }
        for (Extent extent : content) {
            edit.space.checkUsed(extent.physical(), extent.count(), description);
            for (long block = extent.physical(); block < extent.physical() + extent.count(); block++) {
                byte[] bytes = edit.volume.block(block).clone();
                if (slots(bytes).dropIndex()) {
                    if (blocks.size() == MAX_INDEX) {
                        throw new LimitException(description + " has an index of more than " + MAX_INDEX + " blocks");
                    }
                    blocks.put(block, bytes);
                }
            }
        }
    }

    private void grow(FileBlocks all, long size, byte[] name, long file, int type) throws IOException {
        if (size + blockSize > Integer.MAX_VALUE) {
            throw new DiskFullException(description + " has " + size + " bytes; it cannot grow");
        }
        List<Extent> content = new ArrayList<>(all.content());
        Extent last = content.get(content.size() - 1);
        edit.space.lookFrom(last.physical() + last.count());
        ContentStore store = new ContentStore(edit);
        long block = store.take();
        byte[] bytes = new byte[blockSize];
        DirectorySlots slots = slots(bytes);
        slots.clear();
        slots.add(file, type, name);
        edit.checksums.sealDirectory(bytes, number, generation);
        edit.putBlock(block, bytes);
        Extent added = new Extent(size / blockSize, block, 1);
        if (last.isFollowedBy(added)) {
            content.set(content.size() - 1, new Extent(last.logical(), last.physical(), last.count() + 1));
        } else {
            content.add(added);
        }
        Stored stored = store.mapped(content);
        edit.putMap(stored.map(), number, generation);
        oldMap.addAll(all.map());
        long blocksMore = stored.blocks() - all.count();
        inode.setMap(stored.map(), inode.sectors(blockSize) + blocksMore * (blockSize / 512));
        inode.setSize(size + blockSize);
        inodeChanged = true;
    }

    /** Puts what was changed. The blocks of a new map were put when they were taken. */
    void put() {
        if (inodeChanged) {
            edit.putInode(number, inode);
        }
        blocks.forEach((block, bytes) -> {
            edit.checksums.sealDirectory(bytes, number, generation);
            edit.putBlock(block, bytes);
        });
    }

    /** Gives the blocks of the map back that was replaced. */
    void giveBack() throws IOException {
        for (long block : oldMap) {
            edit.space.give(block, 1, description);
        }
    }

    private byte[] sealed(long block) throws IOException {
        checkSealed(block);
        return edit.volume.block(block).clone();
    }

    private void checkSealed(long block) throws IOException {
        edit.space.checkUsed(block, 1, description);
        if (!Checksums.isSealed(
                edit.volume.block(block), bytes -> edit.checksums.sealDirectory(bytes, number, generation))) {
            throw new DiskFormatException("directory block at byte " + edit.geometry.offset(block) + " of "
                    + edit.volume.describe(number) + " has a wrong checksum");
        }
    }

    private DirectorySlots slots(byte[] bytes) {
        return new DirectorySlots(bytes, edit.checksums);
    }
}
