package dev.construir.disk.edit;

import dev.construir.ext.EditableInode;
import dev.construir.ext.Inode;
import dev.construir.volume.VolumeEntry;
import java.io.IOException;

/** Removes an entry that is no directory: its name, and with its last name its inode and its blocks. */
final class EntryRemoval {
    private final EditTransaction edit;

    EntryRemoval(EditTransaction edit) {
        this.edit = edit;
    }

    /**
     * Removes an entry, and applies the transaction.
     *
     * @param location where the entry is
     * @param entry the entry there
     */
    void remove(EntryLocation location, VolumeEntry entry) throws IOException {
        EditableInode inode = edit.editableInode(entry);
        EditedDirectory directory = new EditedDirectory(edit, location.parent);
        directory.remove(location.recordPosition);
        directory.put();
        if (entry.inode().links() > 1) {
            inode.setLinks(entry.inode().links() - 1);
            edit.putInode(entry.number(), inode);
        } else {
            removeInode(entry, inode);
        }
        edit.apply();
    }

    private void removeInode(VolumeEntry entry, EditableInode inode) throws IOException {
        String owner = edit.volume.describe(entry.number());
        if (hasBlocks(entry.inode())) {
            edit.release(edit.blocks(entry.number(), inode), owner);
        }
        long attributes = entry.inode().attributeBlock();
        inode.clear();
        edit.putCleared(entry.number(), inode);
        if (attributes != 0) {
            edit.releaseAttributes(attributes, owner);
        }
        edit.allocation.releaseInode(entry.number());
        edit.putAllocation();
    }

    /** A short target stands where block numbers would be, and so does the number of a device. */
    private boolean hasBlocks(Inode inode) {
        long own = inode.sectors() - (inode.attributeBlock() == 0 ? 0 : edit.geometry.blockSize() / 512);
        return inode.isFile() || (inode.isLink() && !(inode.size() < Inode.MAP_SIZE && own <= 0));
    }
}
