package dev.construir.volume;

import dev.construir.DiskFormatException;
import dev.construir.ext.AttributeBlock;
import dev.construir.ext.DirectoryBlock;
import dev.construir.ext.Inode;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Content that takes no blocks: it begins where the inode's map would be, and goes on in an attribute that stands in
 * the inode.
 *
 * @see <a href="https://docs.kernel.org/filesystems/ext4/dynamic.html#inline-data">ext4: inline data</a>
 */
final class InlineData {
    private static final int MAP = 0x28;
    private static final int PARENT_SIZE = 4;

    private final String name;
    private final long inodes;
    private final byte[] first = new byte[Inode.MAP_SIZE];
    private final long firstPosition;
    private byte[] rest = new byte[0];
    private long restPosition;

    /** @throws DiskFormatException if the inode's attributes are damaged */
    InlineData(ExtVolume volume, long number, Inode inode) throws IOException {
        this.name = volume.describe(number);
        this.inodes = volume.geometry().inodes();
        this.firstPosition = volume.position(number) + MAP;
        inode.map().get(0, first);
        AttributeBlock attributes = volume.attributesIn(number);
        while (attributes.next()) {
            if (attributes.isInlineData()) {
                if (attributes.valueInode() != 0) {
                    throw new DiskFormatException(name + " has inline data in another inode");
                }
                rest = attributes.value();
                restPosition = attributes.valuePosition();
                return;
            }
        }
    }

    /**
     * Returns the content of a file or a symbolic link, as far as it is there. To Linux the rest is a hole, and mke2fs
     * makes such files.
     */
    byte[] content(long size) {
        int length = (int) Math.min(size, first.length + rest.length);
        byte[] content = Arrays.copyOf(first, length);
        if (length > first.length) {
            System.arraycopy(rest, 0, content, first.length, length - first.length);
        }
        return content;
    }

    /**
     * Returns the records of a directory, each part as one block. Before the first stands the number of the directory's
     * parent.
     */
    List<DirectoryBlock> records() {
        byte[] records = Arrays.copyOfRange(first, PARENT_SIZE, first.length);
        return List.of(
                new DirectoryBlock(records, firstPosition + PARENT_SIZE, inodes),
                new DirectoryBlock(rest, restPosition, inodes));
    }
}
