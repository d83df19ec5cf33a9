package dev.construir.disk;

import dev.construir.ext.DirectoryPacker;
import dev.construir.ext.Inode;
import java.io.IOException;
import java.util.List;

/** Writes directories when all their entries are known. */
final class DirectoryWriter {
    private static final byte[] DOTS = {'.', '.'};

    private final ContentWriter content;
    private final InodeTable inodes;
    private final byte[] block;
    private final DirectoryPacker packer;
    private long size;

    DirectoryWriter(ContentWriter content, InodeTable inodes, int blockSize) {
        this.content = content;
        this.inodes = inodes;
        this.block = new byte[blockSize];
        this.packer = new DirectoryPacker(block);
    }

    void write(List<DirectoryNode> directories) throws IOException {
        for (DirectoryNode node : directories) {
            content.begin(node.path());
            size = 0;
            add(node.inode, Inode.DIRECTORY, DOTS, 0, 1);
            add(node.parent().inode, Inode.DIRECTORY, DOTS, 0, 2);
            for (int at = 0; at < node.end(); at = node.next(at)) {
                add(node.inode(at), node.kind(at), node.records(), node.offsetOfName(at), node.lengthOfName(at));
            }
            finishBlock();
            int links = 2 + node.subdirectories();
            inodes.put(node.inode, DiskWriter.inode(Inode.DIRECTORY, node.attributes(), size, links, content.end()));
        }
    }

    private void add(int inode, int kind, byte[] name, int from, int length) throws IOException {
        if (!packer.add(inode, kind, name, from, length)) {
            finishBlock();
            packer.add(inode, kind, name, from, length);
        }
    }

    private void finishBlock() throws IOException {
        packer.finish();
        content.add(block, 0);
        size += block.length;
    }
}
