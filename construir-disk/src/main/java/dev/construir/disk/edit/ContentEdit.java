package dev.construir.disk.edit;

import dev.construir.disk.Attributes;
import dev.construir.disk.edit.ContentStore.Stored;
import dev.construir.ext.EditableInode;
import dev.construir.ext.ExtentTree;
import dev.construir.ext.IndirectTree;
import dev.construir.volume.FileBlocks;
import dev.construir.volume.VolumeEntry;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gives a file new content: creates it, replaces what it holds, or empties it. Each of these applies the transaction.
 */
final class ContentEdit {
    private static final int FILE_TYPE = 1;

    private final EditTransaction edit;

    ContentEdit(EditTransaction edit) {
        this.edit = edit;
    }

    /** The new content of the file of a path. */
    record Source(String path, long size, InputStream content) {
        Source {
            Objects.requireNonNull(content, "content");
            if (size < 0) {
                throw new IllegalArgumentException("a file cannot have " + size + " bytes");
            }
        }
    }

    /** Creates a file. */
    void create(EntryLocation location, Source source, Attributes attributes) throws IOException {
        EditedDirectory directory = new EditedDirectory(edit, location.parent);
        long number = edit.allocation.allocateInode(location.parent.number());
        edit.allocation.searchFromGroupOf(number);
        Stored stored = new ContentStore(edit).store(source.path, source.content, source.size);
        edit.putMap(stored.map(), number, 0);
        directory.add(location.name, number, edit.superblock.hasFileTypes() ? FILE_TYPE : 0);
        edit.putAllocation();
        EditableInode inode = EditableInode.ofFile(edit.geometry.inodeSize(), edit.superblock.extraInodeSize());
        setSize(inode, source.size);
        setContent(inode, stored);
        inode.setOwner(attributes.mode(), attributes.uid(), attributes.gid());
        inode.setCreated(attributes.modified());
        inode.setModified(attributes.modified());
        edit.putInode(number, inode);
        directory.put();
        directory.releaseOldMap();
        edit.putAllocation();
        edit.apply();
    }

    /** Replaces what a file holds, and its owner and permissions if there are attributes. */
    void replace(VolumeEntry file, Source source, @Nullable Attributes attributes, Instant modified)
            throws IOException {
        EditableInode inode = edit.editableInode(file);
        FileBlocks old = edit.blocks(file.number(), inode);
        edit.allocation.searchFromGroupOf(file.number());
        Stored stored = new ContentStore(edit).store(source.path, source.content, source.size);
        edit.putMap(stored.map(), file.number(), inode.decode().generation());
        edit.putAllocation();
        setSize(inode, source.size);
        setContent(inode, stored);
        if (attributes != null) {
            inode.setOwner(attributes.mode(), attributes.uid(), attributes.gid());
        }
        inode.setModified(modified);
        edit.putInode(file.number(), inode);
        edit.release(old, edit.volume.describe(file.number()));
        edit.putAllocation();
        edit.apply();
    }

    /** Empties a file. */
    void truncate(VolumeEntry file) throws IOException {
        EditableInode inode = edit.editableInode(file);
        FileBlocks old = edit.blocks(file.number(), inode);
        inode.setSize(0);
        setContent(inode, new ContentStore(edit).mapped(List.of()));
        edit.putInode(file.number(), inode);
        edit.release(old, edit.volume.describe(file.number()));
        edit.putAllocation();
        edit.apply();
    }

    /** Returns whether new content of a size may not fit beside the old content of a file, but does in its place. */
    boolean fitsOnlyInPlaceOf(VolumeEntry file, long size) throws IOException {
        int blockSize = edit.geometry.blockSize();
        long blocks = size / blockSize + (size % blockSize == 0 ? 0 : 1);
        long needed = blocks
                + (edit.superblock.hasExtents()
                        ? ExtentTree.most(blocks, blockSize)
                        : IndirectTree.most(blocks, blockSize));
        long free = edit.allocation.freeBlocks();
        if (needed <= free) {
            return false;
        }
        long old = edit.blocks(file.number(), edit.editableInode(file)).count();
        return needed <= free + old;
    }

    private void setSize(EditableInode inode, long size) throws IOException {
        inode.setSize(size);
        if (size > Integer.MAX_VALUE) {
            edit.superblock.setLargeFiles();
        }
    }

    private void setContent(EditableInode inode, Stored stored) {
        long blocks = stored.blocks() + (inode.decode().attributeBlock() == 0 ? 0 : 1);
        inode.setMap(stored.map(), blocks * (edit.geometry.blockSize() / 512));
    }
}
