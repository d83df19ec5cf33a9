package dev.construir.disk.write;

import dev.construir.ext.AttributePacker;
import dev.construir.ext.ExtendedAttribute;
import dev.construir.ext.Geometry;
import dev.construir.ext.Inode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Stores extended attributes: in the inode those that fit there, the others in a block of the inode's own. */
final class AttributeStore {
    private final ContentWriter content;
    private final InodeTable inodes;
    private final Geometry geometry;

    AttributeStore(ContentWriter content, InodeTable inodes, Geometry geometry) {
        this.content = content;
        this.inodes = inodes;
        this.geometry = geometry;
    }

    /** Returns the room that an entry has. */
    AttributeRoom room() {
        return new AttributeRoom(geometry);
    }

    /** What stands in the inode, and in which block the rest; 0 if there is none. */
    record Extended(ByteBuffer inInode, long block) {}

    /** @throws IllegalArgumentException if a name is not possible */
    static Collection<ExtendedAttribute> sorted(Map<String, byte[]> attributes) {
        List<ExtendedAttribute> sorted = new ArrayList<>(attributes.size());
        attributes.forEach((name, value) -> sorted.add(ExtendedAttribute.of(name, value)));
        sorted.sort(null);
        return sorted;
    }

    /** Attributes that were put into an inode and a block. */
    record Packed(AttributePacker inInode, AttributePacker inBlock, boolean needsBlock) {}

    /** Packs attributes, in their order; null if they do not fit. */
    static @Nullable Packed pack(Geometry geometry, Collection<ExtendedAttribute> attributes) {
        AttributePacker inInode = AttributePacker.inInode(geometry.inodeSize());
        AttributePacker inBlock = AttributePacker.inBlock(geometry.blockSize());
        boolean needsBlock = false;
        for (ExtendedAttribute attribute : attributes) {
            if (!inInode.add(attribute)) {
                if (!inBlock.add(attribute)) {
                    return null;
                }
                needsBlock = true;
            }
        }
        return new Packed(inInode, inBlock, needsBlock);
    }

    /** Stores attributes, in their order, of an inode that had others in a block before, or 0. */
    Extended store(String path, Collection<ExtendedAttribute> attributes, long before) throws IOException {
        Packed packed = pack(geometry, attributes);
        if (packed == null) {
            throw new IllegalArgumentException(path + ": its " + attributes.size() + " extended attributes have "
                    + ExtendedAttribute.bytes(attributes)
                    + " bytes of names and values, which do not fit the inode and the one block of "
                    + geometry.blockSize() + " bytes that an entry has for them");
        }
        boolean needsBlock = before != 0 || packed.needsBlock;
        long block = needsBlock ? content.storeBlock(path, packed.inBlock.finish(), before) : 0;
        return new Extended(ByteBuffer.wrap(packed.inInode.finish()), block);
    }

    /** Sets the attributes of an inode that was written, in place of those it has. */
    void replace(String path, int number, Collection<ExtendedAttribute> attributes) throws IOException {
        Inode inode = inodes.get(number);
        long before = inode.attributeBlock();
        Extended extended = store(path, attributes, before);
        put(number, before == 0 ? inode : inode.withAttributeBlock(0, -sectors()), extended);
    }

    /** Writes an inode, and attributes that were stored. */
    void put(int number, Inode inode, @Nullable Extended extended) throws IOException {
        if (extended == null) {
            inodes.put(number, inode);
        } else {
            inodes.put(number, extended.block == 0 ? inode : inode.withAttributeBlock(extended.block, sectors()));
            inodes.putAttributes(number, extended.inInode);
        }
    }

    private int sectors() {
        return geometry.blockSize() / 512;
    }
}
