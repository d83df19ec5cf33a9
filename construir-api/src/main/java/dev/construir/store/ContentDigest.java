package dev.construir.store;

import dev.construir.machine.Preparation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Consumer;

/** The digest of a large file that is mostly holes. */
public final class ContentDigest {
    private static final int BLOCK = 1 << 20;
    private static final byte[] ZEROS = new byte[BLOCK];

    private ContentDigest() {}

    /**
     * Reads a file.
     *
     * @param file the file
     * @param progress receives how much of it was read
     * @return a SHA-256 in hexadecimal digits, of all blocks of 1 MiB that are not zeros, with their places, and of the
     *     size
     * @throws IOException if it cannot be read, or the thread was interrupted
     */
    public static String of(Path file, Consumer<? super Preparation> progress) throws IOException {
        MessageDigest digest = sha256();
        ByteBuffer place = ByteBuffer.allocate(Long.BYTES);
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        try (FileChannel channel = FileChannel.open(file)) {
            Preparation work = Preparation.of(Preparation.Stage.READING, file.toString());
            long size = channel.size();
            long at = 0;
            long reported = -1;
            while (fill(channel, block.clear())) {
                long percent = 100 * at / Math.max(at + 1, size);
                if (percent != reported) {
                    reported = percent;
                    progress.accept(work.withFraction(percent / 100.0));
                }
                if (block.mismatch(ByteBuffer.wrap(ZEROS, 0, block.limit())) >= 0) {
                    digest.update(place.clear().putLong(at).flip());
                    digest.update(block.duplicate());
                }
                at += block.limit();
            }
            digest.update(place.clear().putLong(at).flip());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * Returns an empty SHA-256 (FIPS 180-4).
     *
     * @return a digest
     */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static boolean fill(FileChannel channel, ByteBuffer block) throws IOException {
        int read = 0;
        while (read >= 0 && block.hasRemaining()) {
            read = channel.read(block);
        }
        return block.flip().hasRemaining();
    }
}
