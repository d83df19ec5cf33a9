package dev.construir.disk;

import dev.construir.DataSize;
import dev.construir.Reason;
import dev.construir.xz.XzWriter;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;

/**
 * Compresses disk images so that {@link DiskImage} can read them without unpacking them: to an .xz file of one stream with many independent
 * blocks, which {@code xz -dk} unpacks as any other, and on several processors.
 */
public final class CompressedImage {
    /** How much an image may unpack to, 256 GiB: a small file can claim any size. */
    public static final DataSize LARGEST = DataSize.ofGibibytes(256);

    private static final int MEMORY_KIB = 128 << 10; // xz -9 takes 65 MiB

    private CompressedImage() {}

    /**
     * Compresses an image, by the one thread that calls. Zeros cost next to nothing: in blocks of 1 MiB, about 250 bytes and less than a
     * millisecond each.
     *
     * @param disk the image, of any format
     * @param target the file to create; its name should end in {@code .xz} behind that of the image
     * @param options how it is compressed
     * @throws java.nio.file.FileAlreadyExistsException if the target exists
     * @throws IOException if the image cannot be read or the target cannot be written; the target is removed then
     * @throws InterruptedException if the thread is interrupted; the target is removed then
     */
    public static void write(Path disk, Path target, CompressOptions options) throws IOException, InterruptedException {
        int blockSize = (int) options.blockSize().bytes();
        Files.createFile(target);
        boolean complete = false;
        // Not a channel: an interrupt would close it.
        try (InputStream in = new FileInputStream(disk.toFile());
                OutputStream out = new BufferedOutputStream(Files.newOutputStream(target))) {
            XzWriter writer = new XzWriter(out, options.preset(), blockSize);
            byte[] block = new byte[blockSize];
            for (int n = in.readNBytes(block, 0, blockSize); n > 0; n = in.readNBytes(block, 0, blockSize)) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted while compressing " + disk);
                }
                writer.write(block, n);
            }
            writer.finish();
            out.flush();
            complete = true;
        } finally {
            if (!complete) {
                Files.deleteIfExists(target);
            }
        }
    }

    /**
     * Unpacks an image that any xz made to a new, sparse file. Takes up to 128 MiB of memory.
     *
     * @param compressed the .xz file
     * @param target the file to create
     * @throws java.nio.file.FileAlreadyExistsException if the target exists
     * @throws java.nio.channels.ClosedByInterruptException if the thread is interrupted; it stays so, and the target is removed
     * @throws IOException if the file is not whole, holds more than {@link #LARGEST} or takes too much memory, or if one of the two cannot be
     *     read or written; the target is removed then
     */
    public static void unpack(Path compressed, Path target) throws IOException {
        try (InputStream file = Files.newInputStream(compressed);
                InputStream plain = new BoundedInput(new XZInputStream(file, MEMORY_KIB), LARGEST)) {
            SparseCopy.write(plain, target);
        } catch (EOFException e) {
            throw new IOException(compressed + ": it was cut short; copy it again", e);
        } catch (XZIOException e) {
            throw new IOException(
                    compressed + ": it cannot be unpacked: " + Reason.of(e) + "; xz -t tells whether it is whole", e);
        }
    }
}
