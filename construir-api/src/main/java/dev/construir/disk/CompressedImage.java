package dev.construir.disk;

import dev.construir.xz.XzWriter;
import java.io.BufferedOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Compresses disk images so that {@link DiskImage} can read them without unpacking them: to an .xz file of one stream with many independent
 * blocks, which {@code xz -dk} unpacks as any other, and on several processors.
 */
public final class CompressedImage {
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
}
