package dev.construir.volume;

import dev.construir.DiskFormatException;
import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.DiskEntry.Kind;
import dev.construir.ext.DiskPath;
import dev.construir.ext.Inode;
import java.io.IOException;

/** An entry as the reader knows it. */
public record VolumeEntry(String path, long number, Inode inode) {
    private static final int MAX_TARGET = 4095;

    public VolumeEntry child(byte[] name, long childNumber, Inode childInode) {
        return new VolumeEntry(DiskPath.child(path, name), childNumber, childInode);
    }

    /** Returns the last name of the path. */
    public String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    Kind kind() {
        return switch (inode.mode() & Inode.KIND) {
            case Inode.FILE -> Kind.FILE;
            case Inode.DIRECTORY -> Kind.DIRECTORY;
            case Inode.LINK -> Kind.SYMBOLIC_LINK;
            case Inode.CHARACTER_DEVICE -> Kind.CHARACTER_DEVICE;
            case Inode.BLOCK_DEVICE -> Kind.BLOCK_DEVICE;
            case Inode.PIPE -> Kind.PIPE;
            case Inode.SOCKET -> Kind.SOCKET;
            default -> Kind.UNKNOWN;
        };
    }

    public DiskEntry toDiskEntry() {
        Attributes attributes = new Attributes(inode.mode() & 07777, inode.uid(), inode.gid(), inode.modified());
        return new DiskEntry(path, kind(), attributes, inode.size(), number, inode.links());
    }

    public DirectoryRecords records(ExtVolume volume, DirectoryBudget budget) throws IOException {
        return new DirectoryRecords(volume, number, inode, budget);
    }

    /** Reads where a symbolic link points. A short target stands in the inode, where block numbers would be. */
    public byte[] target(ExtVolume volume) throws IOException {
        if (inode.size() < 1 || inode.size() > MAX_TARGET) {
            throw new DiskFormatException(volume.describe(number) + ", a symbolic link, has a target of " + inode.size()
                    + " bytes; 1 to " + MAX_TARGET + " are allowed");
        }
        if (inode.isEncrypted()) {
            throw new DiskFormatException(volume.describe(number) + ", a symbolic link, is encrypted");
        }
        byte[] target = new byte[(int) inode.size()];
        if (target.length < Inode.MAP_SIZE && !inode.hasExtents() && !inode.hasInlineData()) {
            inode.map().get(0, target);
        } else {
            try (FileContent content = new FileContent(volume, number, inode)) {
                content.readNBytes(target, 0, target.length);
            }
        }
        for (byte b : target) {
            if (b == 0) {
                throw new DiskFormatException(volume.describe(number) + ", a symbolic link, has a NUL in its target");
            }
        }
        return target;
    }
}
