package dev.construir.disk.write;

import dev.construir.ext.DirectoryHash;
import dev.construir.ext.DirectoryPacker;
import dev.construir.ext.IndexPacker;
import dev.construir.ext.Inode;
import java.io.IOException;
import java.util.Collection;

/**
 * Writes directories when all their entries are known: those that fit a block as they came, bigger ones in the order of
 * hashes and with an index, so that a guest finds a name among a hundred thousand by reading two or three blocks.
 */
final class DirectoryWriter {
    private static final byte[] DOTS = {'.', '.'};
    private static final int DOTS_SIZE = 2 * DirectoryPacker.size(1);

    private final ContentWriter content;
    private final AttributeStore attributes;
    private final DirectoryHash hash;
    private final byte[] block;
    private final DirectoryPacker packer;
    private final IndexPacker index;
    private long size;

    DirectoryWriter(ContentWriter content, AttributeStore attributes, DirectoryHash hash, int blockSize) {
        this.content = content;
        this.attributes = attributes;
        this.hash = hash;
        this.block = new byte[blockSize];
        this.packer = new DirectoryPacker(block);
        this.index = new IndexPacker(block);
    }

    void write(Collection<DirectoryNode> directories) throws IOException {
        for (DirectoryNode node : directories) {
            content.begin(node::path);
            size = 0;
            boolean indexed = writeIndexed(node);
            if (!indexed) {
                writeInOrder(node);
            }
            int links = 2 + node.subdirectories();
            Inode inode = DiskWriter.inode(Inode.DIRECTORY, node.attributes(), size, links, content.end());
            attributes.put(node.inode, indexed ? inode.indexed() : inode, node.extended());
        }
    }

    private void writeInOrder(DirectoryNode node) throws IOException {
        add(node.inode, Inode.DIRECTORY, DOTS, 0, 1);
        add(node.parent().inode, Inode.DIRECTORY, DOTS, 0, 2);
        for (int at = 0; at < node.end(); at = node.next(at)) {
            add(node, at);
        }
        finishBlock();
    }

    /** Writes a directory of several blocks: the root of its index, the nodes, the leaves. */
    private boolean writeIndexed(DirectoryNode node) throws IOException {
        if (fitsOneBlock(node)) {
            return false;
        }
        HashOrder order = HashOrder.of(node, hash, block.length);
        if (!order.fits()) {
            return false;
        }
        int nodes = order.nodes();
        int firstLeaf = 1 + nodes;
        int perNode = IndexPacker.nodeEntries(block.length);
        index.beginRoot(node.inode, node.parent().inode, nodes == 0 ? 0 : 1);
        if (nodes == 0) {
            index(order, 0, order.leaves(), firstLeaf);
        } else {
            for (int i = 0; i < nodes; i++) {
                index.add(order.indexHash(i * perNode), 1 + i);
            }
        }
        addBlock();
        for (int i = 0; i < nodes; i++) {
            index.beginNode();
            index(order, i * perNode, Math.min(order.leaves(), (i + 1) * perNode), firstLeaf);
            addBlock();
        }
        for (int leaf = 0; leaf < order.leaves(); leaf++) {
            for (int record = order.first(leaf); record < order.end(leaf); record++) {
                add(node, order.at(record));
            }
            finishBlock();
        }
        return true;
    }

    private boolean fitsOneBlock(DirectoryNode node) {
        long sum = DOTS_SIZE;
        for (int at = 0; at < node.end() && sum <= block.length; at = node.next(at)) {
            sum += DirectoryPacker.size(node.lengthOfName(at));
        }
        return sum <= block.length;
    }

    private void index(HashOrder order, int from, int to, int firstLeaf) {
        for (int leaf = from; leaf < to; leaf++) {
            index.add(order.indexHash(leaf), firstLeaf + leaf);
        }
    }

    private void add(DirectoryNode node, int at) throws IOException {
        add(node.inode(at), node.kind(at), node.records(), node.offsetOfName(at), node.lengthOfName(at));
    }

    private void add(int inode, int kind, byte[] name, int from, int length) throws IOException {
        if (!packer.add(inode, kind, name, from, length)) {
            finishBlock();
            packer.add(inode, kind, name, from, length);
        }
    }

    private void finishBlock() throws IOException {
        packer.finish();
        addBlock();
    }

    private void addBlock() throws IOException {
        content.add(block, 0);
        size += block.length;
    }
}
