package dev.construir.volume;

import dev.construir.DiskFormatException;
import dev.construir.disk.LimitException;
import dev.construir.ext.AccessControlList;
import dev.construir.ext.AttributeBlock;
import dev.construir.ext.Inode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Collects the extended attributes of a file from where they stand: in its inode, in a block, and big values in
 * separate inodes.
 */
public final class ExtendedAttributes {
    /** Linux: XATTR_SIZE_MAX. */
    private static final int MAX_VALUE = 1 << 16;
    /** More than all but a hostile guest has: the values of a block of entries may be as many files. */
    private static final int MAX_IN_ALL = 1 << 20;

    private final ExtVolume volume;
    private final String name;
    private final Map<String, byte[]> values = new LinkedHashMap<>();
    private int room = MAX_IN_ALL;

    private ExtendedAttributes(ExtVolume volume, String name) {
        this.volume = volume;
        this.name = name;
    }

    public static Map<String, byte[]> of(ExtVolume volume, long number, Inode inode) throws IOException {
        ExtendedAttributes attributes = new ExtendedAttributes(volume, volume.describe(number));
        attributes.addAll(volume.attributesIn(number));
        long block = inode.attributeBlock();
        if (block != 0) {
            volume.checkBlocks(block, 1, "the place of the attributes of " + attributes.name);
            attributes.addAll(AttributeBlock.inBlock(
                    volume.block(block), volume.geometry().offset(block)));
        }
        return Collections.unmodifiableMap(attributes.values);
    }

    private void addAll(AttributeBlock attributes) throws IOException {
        while (attributes.next()) {
            if (attributes.isVisible()) {
                String described = "extended attribute at byte " + attributes.position();
                byte[] value = value(attributes, described);
                // Linux looks into the inode first.
                values.putIfAbsent(
                        attributes.name(),
                        attributes.isAccessControlList() ? AccessControlList.decode(value, described) : value);
            }
        }
    }

    private byte[] value(AttributeBlock attribute, String described) throws IOException {
        long size = attribute.valueSize();
        if (size > MAX_VALUE) {
            throw new DiskFormatException(
                    described + " has a value of " + size + " bytes; " + MAX_VALUE + " are allowed");
        } else if (size > room) {
            throw new LimitException(
                    name + " has extended attributes of more than " + MAX_IN_ALL + " bytes, the limit");
        }
        room -= (int) size;
        long number = attribute.valueInode();
        if (number == 0) {
            return attribute.value();
        }
        Inode inode = volume.inode(number);
        if (!inode.isAttributeValue() || inode.isFree() || inode.size() != size) {
            throw new DiskFormatException(
                    described + " has its value in " + volume.describe(number) + ", which is no such value");
        }
        try (InputStream content = new FileContent(volume, number, inode)) {
            return content.readNBytes((int) size);
        }
    }
}
