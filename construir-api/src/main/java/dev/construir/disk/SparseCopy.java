package dev.construir.disk;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Copies disk images so that zeros take no room. */
public final class SparseCopy {
    private static final int CHUNK = 1 << 20;
    private static final int BLOCK = 4096;
    private static final byte[] ZEROS = new byte[BLOCK];

    private SparseCopy() {}

    /**
     * Copies a file block by block, leaving out the blocks of 4 KiB that hold only zeros. An interrupt has no effect.
     *
     * @param source the file to copy
     * @param target the file to create
     * @throws FileAlreadyExistsException if the target exists
     * @throws IOException if the file cannot be copied; the target is removed then
     */
    public static void copy(Path source, Path target) throws IOException {
        try (InputStream in = Files.newInputStream(source)) {
            write(in, target);
        }
    }

    /**
     * Writes a stream to a new file, leaving out the blocks of 4 KiB that hold only zeros. An interrupt has no effect.
     *
     * @param source the bytes, read to their end and not closed
     * @param target the file to create
     * @throws FileAlreadyExistsException if the target exists
     * @throws IOException if the bytes cannot be read or written; the target is removed then
     */
    public static void write(InputStream source, Path target) throws IOException {
        Files.createFile(target);
        try (RandomAccessFile out = new RandomAccessFile(target.toFile(), "rw")) {
            byte[] chunk = new byte[CHUNK];
            long position = 0;
            for (int n = source.readNBytes(chunk, 0, CHUNK); n > 0; n = source.readNBytes(chunk, 0, CHUNK)) {
                writeData(out, position, chunk, n);
                position += n;
            }
            out.setLength(position);
        } catch (IOException e) {
            Files.deleteIfExists(target);
            throw e;
        }
    }

    // Runs of blocks with data are written by one call each.
    private static void writeData(RandomAccessFile out, long position, byte[] chunk, int length) throws IOException {
        int from = 0;
        while (from < length) {
            int to = from;
            while (to < length && !isZero(chunk, to, length)) {
                to = Math.min(to + BLOCK, length);
            }
            if (to > from) {
                out.seek(position + from);
                out.write(chunk, from, to - from);
            }
            from = to + BLOCK;
        }
    }

    private static boolean isZero(byte[] chunk, int from, int length) {
        int to = Math.min(from + BLOCK, length);
        return Arrays.equals(chunk, from, to, ZEROS, 0, to - from);
    }
}
