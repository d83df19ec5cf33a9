package dev.construir.disk.write;

import dev.construir.ext.Geometry;
import dev.construir.ext.Inode;
import dev.construir.ext.Layout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Writes inodes through a window, because they come almost in order. */
final class InodeTable {
    private static final int WINDOW = 64 << 10;

    private final ImageFile image;
    private final Layout layout;
    private final Geometry geometry;
    private final byte[] window;
    private final int perWindow;
    private int current = -1;
    private int highest = -1;

    InodeTable(ImageFile image, Layout layout) {
        this.image = image;
        this.layout = layout;
        this.geometry = layout.geometry();
        int tableBytes = geometry.inodesPerGroup() * geometry.inodeSize();
        this.window = new byte[Math.min(WINDOW, tableBytes)];
        this.perWindow = (tableBytes + window.length - 1) / window.length;
    }

    void put(int number, Inode inode) throws IOException {
        inode.encode(window, moveTo(number));
    }

    Inode get(int number) throws IOException {
        return Inode.decode(window, moveTo(number), geometry.inodeSize());
    }

    /** Makes an inode as if it had never been used. */
    void clear(int number) throws IOException {
        int at = moveTo(number);
        Arrays.fill(window, at, at + geometry.inodeSize(), (byte) 0);
    }

    /** Writes what stands in an inode in addition to what {@link #put} writes: extended attributes. */
    void putAttributes(int number, ByteBuffer attributes) throws IOException {
        attributes.get(0, window, moveTo(number) + Inode.ATTRIBUTES, attributes.capacity());
    }

    /** Moves the window over an inode and returns where in it the inode stands. */
    private int moveTo(int number) throws IOException {
        int inTable = (int) geometry.offsetInTable(number);
        int wanted = geometry.groupOfInode(number) * perWindow + inTable / window.length;
        if (wanted != current) {
            flush();
            if (wanted > highest) {
                Arrays.fill(window, (byte) 0);
                highest = wanted;
            } else {
                image.read(offset(wanted), window, length(wanted));
            }
            current = wanted;
        }
        return inTable % window.length;
    }

    void flush() throws IOException {
        if (current >= 0) {
            image.write(offset(current), window, length(current));
        }
    }

    private long offset(int index) {
        return geometry.offset(layout.inodeTable(index / perWindow)) + (long) index % perWindow * window.length;
    }

    /** The last window of a table may be cut short by its end. */
    private int length(int index) {
        int tableBytes = geometry.inodesPerGroup() * geometry.inodeSize();
        return Math.min(window.length, tableBytes - index % perWindow * window.length);
    }
}
