package dev.construir.store;

import dev.construir.block.Sha256;
import dev.construir.machine.Preparation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
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
        Sha256 digest = new Sha256();
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
                    digest.updateNumber(at);
                    digest.update(block.array(), 0, block.limit());
                }
                at += block.limit();
            }
            digest.updateNumber(at);
        }
        return digest.finish();
    }

    private static boolean fill(FileChannel channel, ByteBuffer block) throws IOException {
        int read = 0;
        while (read >= 0 && block.hasRemaining()) {
            read = channel.read(block);
        }
        return block.flip().hasRemaining();
    }
}
