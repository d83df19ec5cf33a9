package dev.construir.examples.command;

import dev.construir.DataSize;
import dev.construir.Reason;
import dev.construir.disk.CompressOptions;
import dev.construir.disk.CompressedImage;
import dev.construir.disk.DiskImage;
import dev.construir.disk.SparseCopy;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;

/** Job disks as files: plain, or xz-compressed where the name ends in {@code .xz}. */
final class DiskFiles {
    static final DataSize LARGEST = DataSize.ofGibibytes(256);
    private static final int XZ_MEMORY_KIB = 128 << 10; // xz -9 takes 65 MiB

    private DiskFiles() {}

    static boolean isCompressed(Path file) {
        return DiskImage.of(file).compression() == DiskImage.Compression.XZ;
    }

    /** Unpacks a compressed disk to a new, sparse file. */
    static void unpack(Path compressed, Path target) throws IOException {
        try (InputStream file = Files.newInputStream(compressed);
                InputStream plain = new Bounded(new XZInputStream(file, XZ_MEMORY_KIB), LARGEST.bytes())) {
            SparseCopy.write(plain, target);
        } catch (EOFException e) {
            throw new IOException(compressed + ": it was cut short; copy it again", e);
        } catch (XZIOException e) {
            throw new IOException(
                    compressed + ": it cannot be unpacked: " + Reason.of(e) + "; xz -t tells whether it is whole", e);
        }
    }

    /**
     * Compresses a disk to a new file, which has its name only when it is whole, and which can be read without unpacking it.
     *
     * @throws FileAlreadyExistsException if the file exists
     * @throws InterruptedException if the thread was interrupted; nothing is left then
     */
    static void pack(Path disk, Path target) throws IOException, InterruptedException {
        NewFile.make(target, partial -> CompressedImage.write(disk, partial, CompressOptions.DEFAULT));
    }

    /** Ends with an error instead of giving more bytes than allowed. */
    private static final class Bounded extends FilterInputStream {
        private long room;

        Bounded(InputStream in, long room) {
            super(in);
            this.room = room;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int n = super.read(bytes, offset, length);
            room -= Math.max(n, 0);
            if (room < 0) {
                throw new IOException("the image unpacks to more than " + LARGEST);
            }
            return n;
        }
    }
}
