package dev.construir.disk;

import dev.construir.block.FileInput;
import dev.construir.block.SparseInput;
import dev.construir.host.AtomicNewFile;
import dev.construir.thread.InterruptPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Copies disk images so that zeros take no room.
 *
 * <pre>{@code
 * SparseCopy.copy(Path.of("job.img"), Path.of("copy.img"));
 * }</pre>
 *
 * <p>Blocks that hold anything but zeros are written. Holes of the file are not read where the host says where they
 * are: on Linux, by Java 22 or newer, or with JNA on the class path. Elsewhere a copy takes as long as reading the
 * image's full size. The two files never share blocks (reflinks).
 *
 * @since 0.1
 */
public final class SparseCopy {
    /** Fits the processor's cache: longer ones take longer. */
    private static final int CHUNK = 256 << 10;

    private static final int BLOCK = 4096;
    private static final byte[] ZEROS = new byte[CHUNK];

    private SparseCopy() {}

    /**
     * Copies a file block by block, leaving out the blocks of 4 KiB that hold only zeros. An interrupt ends it.
     *
     * @param source the file to copy
     * @param target the file to create
     * @throws java.nio.file.FileAlreadyExistsException if the target exists
     * @throws java.nio.channels.ClosedByInterruptException if the thread is interrupted; it stays so, and the target is
     *     removed
     * @throws IOException if the file cannot be copied; the target is removed then
     */
    public static void copy(Path source, Path target) throws IOException {
        copy(source, target, InterruptPolicy.RESPECTED);
    }

    /**
     * Copies a file block by block, leaving out the blocks of 4 KiB that hold only zeros. An interrupt does not end it;
     * the thread stays interrupted.
     *
     * @param source the file to copy
     * @param target the file to create
     * @throws java.nio.file.FileAlreadyExistsException if the target exists
     * @throws IOException if the file cannot be copied; the target is removed then
     */
    public static void copyUninterruptibly(Path source, Path target) throws IOException {
        copy(source, target, InterruptPolicy.IGNORED);
    }

    private static void copy(Path source, Path target, InterruptPolicy interrupts) throws IOException {
        // Not a channel: an interrupt would close it.
        try (FileInput in = FileInput.open(source)) {
            write(in, target, interrupts);
        }
    }

    /**
     * Writes a stream to a new file, leaving out the blocks of 4 KiB that hold only zeros. An interrupt ends it, once
     * the stream has returned.
     *
     * @param source the bytes, read to their end and not closed
     * @param target the file to create
     * @throws java.nio.file.FileAlreadyExistsException if the target exists
     * @throws java.nio.channels.ClosedByInterruptException if the thread is interrupted; it stays so, and the target is
     *     removed
     * @throws IOException if the bytes cannot be read or written; the target is removed then
     */
    public static void write(InputStream source, Path target) throws IOException {
        write(source, target, InterruptPolicy.RESPECTED);
    }

    private static void write(InputStream source, Path target, InterruptPolicy interrupts) throws IOException {
        AtomicNewFile.create(target, () -> {
            try (RandomAccessFile out = new RandomAccessFile(target.toFile(), "rw")) {
                byte[] chunk = new byte[CHUNK];
                long position = 0;
                interrupts.check();
                for (int n = readData(source, chunk); n > 0; n = readData(source, chunk)) {
                    writeData(out, position, chunk, n);
                    position += n;
                    if (source instanceof SparseInput sparse) {
                        long hole = sparse.hole();
                        sparse.skipHole(hole);
                        position += hole;
                    }
                    interrupts.check();
                }
                out.setLength(position);
            }
        });
    }

    private static int readData(InputStream source, byte[] chunk) throws IOException {
        long most = source instanceof SparseInput sparse ? Math.max(1, sparse.data()) : CHUNK;
        return source.readNBytes(chunk, 0, (int) Math.min(CHUNK, most));
    }

    // Runs of blocks with data are written by one call each.
    private static void writeData(RandomAccessFile out, long position, byte[] chunk, int length) throws IOException {
        int from = 0;
        while (from < length) {
            int zeros = Arrays.mismatch(chunk, from, length, ZEROS, 0, length - from);
            if (zeros < 0) {
                return;
            }
            from = (from + zeros) / BLOCK * BLOCK;
            int to = from;
            while (to < length && !isZero(chunk, to, length)) {
                to = Math.min(to + BLOCK, length);
            }
            out.seek(position + from);
            out.write(chunk, from, to - from);
            from = to;
        }
    }

    private static boolean isZero(byte[] chunk, int from, int length) {
        int to = Math.min(from + BLOCK, length);
        return Arrays.equals(chunk, from, to, ZEROS, 0, to - from);
    }
}
