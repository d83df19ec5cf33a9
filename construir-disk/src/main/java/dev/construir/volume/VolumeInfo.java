package dev.construir.volume;

import dev.construir.DataSize;
import dev.construir.disk.FileSystemInfo;
import dev.construir.disk.FileSystemInfo.Kind;
import dev.construir.disk.FileSystemInfo.State;
import dev.construir.ext.Features;
import dev.construir.ext.Geometry;
import dev.construir.ext.Superblock;

/** Describes a file system by its superblock. */
final class VolumeInfo {
    private VolumeInfo() {}

    static FileSystemInfo of(Superblock superblock) {
        Geometry geometry = superblock.geometry();
        long free = superblock.freeBlocks();
        long freeBlocks = free < 0 ? geometry.blocks() : Math.min(free, geometry.blocks());
        return new FileSystemInfo(
                kind(superblock),
                superblock.label(),
                superblock.uuid(),
                DataSize.ofBytes(geometry.bytes()),
                geometry.blockSize(),
                DataSize.ofBytes(freeBlocks * geometry.blockSize()),
                Math.min(superblock.freeInodes(), geometry.inodes()),
                state(superblock));
    }

    private static Kind kind(Superblock superblock) {
        return switch (superblock.generation()) {
            case 2 -> Kind.EXT2;
            case 3 -> Kind.EXT3;
            default -> Kind.EXT4;
        };
    }

    private static State state(Superblock superblock) {
        if ((superblock.incompatible() & Features.NEEDS_RECOVERY) != 0) {
            return State.JOURNAL_NOT_REPLAYED;
        }
        return superblock.unmounted() ? State.CLEAN : State.NOT_UNMOUNTED;
    }
}
