package dev.construir.disk.compress;

import dev.construir.DataSize;
import dev.construir.ImageFormat;
import dev.construir.block.BlockSource;
import dev.construir.block.FileSource;
import dev.construir.disk.SparseCopy;
import dev.construir.disk.compress.CompressOptions.Digests;
import dev.construir.disk.compress.CompressOptions.FreeBlocks;
import dev.construir.disk.read.DiskImage;
import dev.construir.disk.read.DiskImage.Compression;
import dev.construir.text.Reason;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;

/**
 * Compresses disk images so that {@link DiskImage} can read them without unpacking them: to an .xz file of one stream
 * with many independent blocks, checked by CRC64, which {@code xz -dk} unpacks as any other, and on several processors.
 *
 * <pre>{@code
 * CompressReport report = CompressedImage.write(
 *         Path.of("job.img"), Path.of("job.img.xz"), CompressOptions.DEFAULT);
 * }</pre>
 *
 * @since 0.1
 */
public final class CompressedImage {
    /** How much an image may unpack to, 256 GiB: a small file can claim any size. */
    public static final DataSize LARGEST = DataSize.ofGibibytes(256);

    private static final int MEMORY_KIB = 128 << 10; // xz -9 takes 65 MiB

    private CompressedImage() {}

    /**
     * Compresses an image. Zeros cost next to nothing: in blocks of 1 MiB, about 250 bytes and less than a millisecond
     * each; and so do free blocks, which are not even read. The threads that compress are called
     * {@code construir-xz-N}, and are gone when this returns; the calling thread writes.
     *
     * @param disk the image, of any format; it must not change meanwhile
     * @param target the file to create; its name should end in {@code .xz} behind that of the image
     * @param options how it is compressed
     * @return what was compressed to what
     * @throws java.nio.file.FileAlreadyExistsException if the target exists
     * @throws IOException if the image cannot be read or the target cannot be written; the target is removed then
     * @throws InterruptedException if the thread is interrupted; the target is removed then
     */
    public static CompressReport write(Path disk, Path target, CompressOptions options)
            throws IOException, InterruptedException {
        Files.createFile(target);
        boolean complete = false;
        // Not channels: an interrupt would close them.
        try (BlockSource file = new FileSource(disk);
                ContentMeter packed =
                        new ContentMeter(new FileOutputStream(target.toFile()), options.digests() != Digests.NONE);
                ContentMeter plain =
                        new ContentMeter(OutputStream.nullOutputStream(), options.digests() == Digests.SHA256)) {
            OutputStream out = new BufferedOutputStream(packed);
            options.compressor().compress(content(disk, file, options.freeBlocks()), plain, out);
            out.flush();
            complete = true;
            return new CompressReport(plain.content(), packed.content());
        } finally {
            if (!complete) {
                Files.deleteIfExists(target);
            }
        }
    }

    /**
     * Does at once what compressing the first image takes longer for than the next ones: 0.3 s of one processor, and
     * nothing when it was done before in this process. Safe for use by many threads.
     *
     * @param options how images will be compressed
     * @throws IOException if zeros cannot be compressed, which is not expected
     * @throws InterruptedException if the thread is interrupted
     */
    public static void warmUp(CompressOptions options) throws IOException, InterruptedException {
        options.compressor().warmUp();
    }

    /**
     * Unpacks an image that any xz made to a new, sparse file. Takes up to 128 MiB of memory.
     *
     * @param compressed the .xz file
     * @param target the file to create
     * @throws java.nio.file.FileAlreadyExistsException if the target exists
     * @throws java.nio.channels.ClosedByInterruptException if the thread is interrupted; it stays so, and the target is
     *     removed
     * @throws IOException if the file is not whole, holds more than {@link #LARGEST} or takes too much memory, or if
     *     one of the two cannot be read or written; the target is removed then
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

    // Whether it is raw is for its name to say, and not for bytes that a guest may have written.
    private static BlockSource content(Path disk, BlockSource file, FreeBlocks freeBlocks) throws IOException {
        DiskImage image = DiskImage.of(disk);
        boolean raw = image.format() == ImageFormat.RAW && image.compression() == Compression.NONE;
        return raw && freeBlocks == FreeBlocks.AS_ZEROS ? FreeAsZeros.on(file) : file;
    }
}
