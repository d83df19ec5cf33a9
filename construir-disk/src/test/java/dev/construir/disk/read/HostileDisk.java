package dev.construir.disk.read;

import dev.construir.disk.write.Images;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes a disk of 1 GiB on which directories claim to be as big as that, and all of it is one and the same block. */
final class HostileDisk {
    private static final int BLOCK = 4096;
    private static final int INODE = 256;
    private static final int DIRECT = 12;
    private static final int LEVELS = 3;
    private static final int SIZE = (1 << 30) - 16 * BLOCK;

    private HostileDisk() {}

    /** What the block is full of. */
    enum Records {
        UNUSED(8),
        ONE_NAME(12);

        private final int length;

        Records(int length) {
            this.length = length;
        }

        private byte[] block(long inode) {
            ByteBuffer block = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
            while (block.remaining() >= 2 * length) {
                boolean named = this == ONE_NAME;
                int end = block.position() + length;
                block.putInt(named ? (int) inode : 0).putShort((short) length).put((byte) (named ? 2 : 0));
                block.put((byte) 1);
                if (named) {
                    block.put(new byte[] {'a', 'a'});
                }
                block.position(end);
            }
            block.putInt(0).putShort((short) (block.remaining() + Integer.BYTES));
            return block.array();
        }
    }

    /** Makes directories d0, d1 and so on of that kind. */
    static Path withDirectories(Path image, Records records, int count) throws IOException {
        return make(image, records, count, List.of());
    }

    /** Makes a root of that kind; what was in its first block stays there. */
    static Path withRoot(Path image, Records records) throws IOException {
        return make(image, records, 0, List.of(2L));
    }

    private static Path make(Path image, Records records, int count, List<Long> others) throws IOException {
        byte[] blocks = new byte[(1 + LEVELS) * BLOCK];
        Arrays.fill(blocks, (byte) 1);
        Images.create(image, "1G", disk -> {
            Images.file(disk, "blocks", blocks);
            Images.file(disk, "empty", "");
            for (int i = 0; i < count; i++) {
                disk.directory("d" + i, Images.mode(0755));
            }
        });
        List<Long> directories = new ArrayList<>(others);
        long file;
        long empty;
        try (DiskReader disk = DiskReader.open(image)) {
            file = disk.find("/blocks").orElseThrow().inode();
            empty = disk.find("/empty").orElseThrow().inode();
            for (int i = 0; i < count; i++) {
                directories.add(disk.find("/d" + i).orElseThrow().inode());
            }
        }
        try (RandomAccessFile out = new RandomAccessFile(image.toFile(), "rw")) {
            int[] block = new int[1 + LEVELS];
            for (int i = 0; i <= LEVELS; i++) {
                block[i] = get(out, map(out, file, i));
            }
            out.seek((long) block[0] * BLOCK);
            out.write(records.block(empty));
            for (int level = 1; level <= LEVELS; level++) {
                ByteBuffer pointers = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
                while (pointers.hasRemaining()) {
                    pointers.putInt(block[level - 1]);
                }
                out.seek((long) block[level] * BLOCK);
                out.write(pointers.array());
            }
            for (long directory : directories) {
                for (int i = directory == 2 ? 1 : 0; i < DIRECT + LEVELS; i++) {
                    put(out, map(out, directory, i), block[Math.max(0, i - DIRECT + 1)]);
                }
                put(out, map(out, directory, 0) - 0x28 + 4, SIZE);
            }
        }
        return image;
    }

    /** Returns where a block number of an inode of the first group stands. */
    private static long map(RandomAccessFile image, long inode, int index) throws IOException {
        return (long) get(image, BLOCK + 8) * BLOCK + (inode - 1) * INODE + 0x28 + 4L * index;
    }

    private static int get(RandomAccessFile image, long at) throws IOException {
        image.seek(at);
        return Integer.reverseBytes(image.readInt());
    }

    private static void put(RandomAccessFile image, long at, int value) throws IOException {
        image.seek(at);
        image.writeInt(Integer.reverseBytes(value));
    }
}
