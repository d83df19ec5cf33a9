package dev.construir.disk.edit;

import dev.construir.ext.DirectoryHash;
import dev.construir.ext.DirectoryIndex;
import dev.construir.ext.Extent;
import dev.construir.ext.LeafSplit;
import dev.construir.volume.FileBlocks;
import java.io.IOException;

/** A directory with an index that gets a name. A leaf without room for it is split; an index without room is not. */
final class HashedDirectory {
    private static final int MAX_LEVELS = 2;

    private final EditedDirectory directory;
    private final FileBlocks blocks;
    private final DirectoryHash hash;

    HashedDirectory(EditedDirectory directory, FileBlocks blocks) {
        this.directory = directory;
        this.blocks = blocks;
        this.hash = directory.edit.superblock.directoryHash();
    }

    /** Adds a name, or changes nothing and returns false if the index is of another kind or cannot take it. */
    boolean add(byte[] name, long file, int type) throws IOException {
        long at = physical(0);
        DirectoryIndex index = DirectoryIndex.root(directory.block(at), directory.edit.checksums);
        // The hash is known for names of signed characters only.
        boolean known = index.isHalfMd4() && directory.edit.superblock.hashesSigned();
        if (!known || index.levels() > MAX_LEVELS) {
            return false;
        }
        int hashed = hash.of(name, 0, name.length);
        for (int level = index.levels(); level > 0; level--) {
            at = physical(index.child(index.find(hashed)));
            index = DirectoryIndex.node(directory.block(at), directory.edit.checksums);
        }
        if (!directory.edit.checksums.isSealed(index, directory.number, directory.generation)) {
            throw directory.damaged(at, "has a wrong checksum");
        }
        int entry = index.find(hashed);
        long leaf = physical(index.child(entry));
        byte[] records = directory.records(leaf);
        if (directory.slots(records).add(file, type, name)) {
            directory.putRecords(leaf, records);
            return true;
        }
        if (index.isFull()) {
            return false;
        }
        LeafSplit halves = LeafSplit.of(directory.records(leaf), hash, directory.edit.checksums);
        byte[] half = halves.isUpper(hashed) ? halves.upper() : halves.lower();
        if (!directory.slots(half).add(file, type, name)) {
            return false;
        }
        index.insert(entry, halves.indexHash(), directory.grow(blocks, halves.upper()));
        directory.edit.checksums.sealIndex(index, directory.number, directory.generation);
        directory.edit.allocation.checkUsed(at, 1, "the index of the directory");
        directory.putSealed(at, index.block());
        directory.putRecords(leaf, halves.lower());
        return true;
    }

    /** Returns where a block of the directory stands on the disk. */
    private long physical(long logical) throws IOException {
        for (Extent extent : blocks.content()) {
            if (logical >= extent.logical() && logical < extent.end()) {
                return extent.physical() + logical - extent.logical();
            }
        }
        throw directory.damaged(blocks.content().get(0).physical(), "names block " + logical + ", which is a hole");
    }
}
