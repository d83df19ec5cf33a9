package dev.construir.examples.command;

import dev.construir.DataSize;
import dev.construir.Reason;
import dev.construir.disk.SparseCopy;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;
import org.tukaani.xz.XZOutputStream;

/** Job disks as files: plain, or xz-compressed where the name ends in {@code .xz}. */
final class DiskFiles {
    static final DataSize LARGEST = DataSize.ofGibibytes(256);
    private static final String XZ = ".xz";
    private static final int XZ_MEMORY_KIB = 128 << 10; // xz -9 takes 65 MiB
    private static final int CHUNK = 1 << 20;
    private static final int PRESET = 1; // twice as quick as 3, and hardly bigger

    private DiskFiles() {}

    static boolean isCompressed(Path file) {
        return file.toString().endsWith(XZ);
    }

    /** Returns the name that a compressed file has when it is unpacked, as xz itself names it. */
    static Path withoutCompression(Path compressed) {
        String name = compressed.toString();
        return Path.of(name.substring(0, name.length() - XZ.length()));
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
     * Compresses a disk to a new file, which has its name only when it is whole. Zeros are written as ready-made blocks of their own, as
     * most of a disk is nothing else.
     *
     * @throws FileAlreadyExistsException if the file exists
     * @throws InterruptedException if the thread was interrupted; nothing is left then
     */
    static void pack(Path disk, Path target) throws IOException, InterruptedException {
        NewFile.make(target, partial -> compress(disk, partial));
    }

    // A file in this format may be many streams, one after the other (The .xz File Format, section 2).
    private static void compress(Path disk, Path target) throws IOException, InterruptedException {
        byte[] chunk = new byte[CHUNK];
        byte[] zeros = new byte[CHUNK];
        byte[] packedZeros = packed(zeros);
        try (InputStream in = Files.newInputStream(disk);
                OutputStream out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
            @Nullable XZOutputStream data = null;
            for (int n = in.readNBytes(chunk, 0, CHUNK); n > 0; n = in.readNBytes(chunk, 0, CHUNK)) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted while compressing " + disk);
                }
                boolean isZero = n == CHUNK && Arrays.equals(chunk, zeros);
                if (isZero) {
                    finish(data);
                    data = null;
                    out.write(packedZeros);
                } else {
                    data = data == null ? new XZOutputStream(out, new LZMA2Options(PRESET)) : data;
                    data.write(chunk, 0, n);
                }
            }
            finish(data);
        }
    }

    private static void finish(@Nullable XZOutputStream stream) throws IOException {
        if (stream != null) {
            stream.finish();
        }
    }

    private static byte[] packed(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (XZOutputStream stream = new XZOutputStream(out, new LZMA2Options())) {
            stream.write(bytes);
        }
        return out.toByteArray();
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
