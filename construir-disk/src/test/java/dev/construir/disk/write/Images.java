package dev.construir.disk.write;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;

/** Makes images to test with, and damages them. */
public final class Images {
    public static final Instant TIME = Instant.ofEpochSecond(1_600_000_000, 123_456_789);

    private Images() {}

    public static DiskOptions size(String size) {
        return DiskOptions.of(DataSize.parse(size));
    }

    public static Path create(Path file, String size, DiskContent content) throws IOException {
        JobDisk.create(file, size(size), content);
        return file;
    }

    public static Attributes mode(int mode) {
        return Attributes.ofRoot(mode, TIME);
    }

    public static void file(DiskBuilder disk, String path, byte[] content) throws IOException {
        disk.file(path, mode(0644), content.length, new java.io.ByteArrayInputStream(content));
    }

    public static void file(DiskBuilder disk, String path, String content) throws IOException {
        file(disk, path, content.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Replaces all occurrences of some bytes, which must be there. */
    public static void replace(Path image, String from, String to) throws IOException {
        String text = Files.readString(image, StandardCharsets.ISO_8859_1);
        if (!text.contains(from) || from.length() != to.length()) {
            throw new AssertionError("cannot replace " + from);
        }
        Files.writeString(image, text.replace(from, to), StandardCharsets.ISO_8859_1);
    }

    /** Changes a field of an inode on a disk of blocks of 1,024 bytes and one group. */
    public static void patchInode(Path image, long inode, int field, int value) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            byte[] descriptor = new byte[12];
            file.seek(2048);
            file.readFully(descriptor);
            long table =
                    ByteBuffer.wrap(descriptor).order(ByteOrder.LITTLE_ENDIAN).getInt(8);
            file.seek(table * 1024 + (inode - 1) * 256 + field);
            file.writeInt(Integer.reverseBytes(value));
        }
    }
}
