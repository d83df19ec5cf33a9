package dev.construir.volume;

import dev.construir.DiskFormatException;
import dev.construir.ext.Geometry;
import dev.construir.ext.Inode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Content mapped by block numbers: twelve in the inode, the others in one to three levels of indirect blocks. */
final class IndirectTreeDecoder implements BlockMap {
    private static final int LEVELS = 3;

    private final ExtVolume volume;
    private final Geometry geometry;
    private final ByteBuffer map;
    private final String name;

    IndirectTreeDecoder(ExtVolume volume, ByteBuffer map, String name) {
        this.volume = volume;
        this.geometry = volume.geometry();
        this.map = map;
        this.name = name;
    }

    @Override
    public Run run(long block) throws IOException {
        if (block < Inode.DIRECT) {
            return runIn(map, 0, (int) block, Inode.DIRECT, name);
        }
        long rest = block - Inode.DIRECT;
        long span = 1;
        for (int level = 1; level <= LEVELS; level++) {
            span *= geometry.pointersPerBlock();
            if (rest < span) {
                return runBelow(number(map, Inode.DIRECT + level - 1), rest, span);
            }
            rest -= span;
        }
        throw new DiskFormatException(name + " has content beyond what indirect blocks can map");
    }

    /** Goes down from an indirect block that maps so many blocks to the one that maps the wanted one. */
    private Run runBelow(long root, long wanted, long span) throws IOException {
        long indirect = root;
        long rest = wanted;
        long below = span;
        String from = name;
        while (true) {
            if (indirect == 0) {
                return new Run(0, below - rest);
            }
            volume.checkBlocks(indirect, 1, from);
            ByteBuffer entries = ByteBuffer.wrap(volume.block(indirect)).order(ByteOrder.LITTLE_ENDIAN);
            from = "the indirect block at byte " + geometry.offset(indirect) + " of " + name;
            below /= geometry.pointersPerBlock();
            if (below == 1) {
                return runIn(entries, 0, (int) rest, geometry.pointersPerBlock(), from);
            }
            indirect = number(entries, (int) (rest / below));
            rest %= below;
        }
    }

    private Run runIn(ByteBuffer entries, int first, int index, int end, String from) throws IOException {
        long physical = number(entries, first + index);
        int count = 1;
        while (index + count < end
                && number(entries, first + index + count) == (physical == 0 ? 0 : physical + count)) {
            count++;
        }
        if (physical != 0) {
            volume.checkBlocks(physical, count, from);
        }
        return new Run(physical, count);
    }

    private static long number(ByteBuffer entries, int index) {
        return Integer.toUnsignedLong(entries.getInt(index * Integer.BYTES));
    }
}
