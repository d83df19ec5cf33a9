package dev.construir.qemu.warm;

import dev.construir.backend.ProbeCache;
import dev.construir.machine.Preparation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The digests of files, each read once for as long as it does not change. Safe for use by many threads, which wait for
 * each other: mostly they want the same file's.
 */
public final class ContentDigests {
    private static final int BLOCK = 1 << 20;
    private static final byte[] ZEROS = new byte[BLOCK];

    private final ProbeCache cache;
    private final ReentrantLock reading = new ReentrantLock();

    /**
     * Creates a set of digests.
     *
     * @param cache remembers them across processes
     */
    public ContentDigests(ProbeCache cache) {
        this.cache = cache;
    }

    /**
     * Returns the digest of a file's content.
     *
     * @param file the file
     * @param progress receives how much of it was read, if it has to be read
     * @return a SHA-256 in hexadecimal digits, of all blocks that are not zeros, with their places, and of the size
     * @throws IOException if it cannot be read, was changed meanwhile, or the thread was interrupted while it read
     * @throws InterruptedException if the thread was interrupted while it waited for others
     */
    public String of(Path file, Consumer<? super Preparation> progress) throws IOException, InterruptedException {
        if (!reading.tryLock()) {
            progress.accept(Preparation.of(Preparation.Stage.WAITING, "another run that reads a file"));
            reading.lockInterruptibly();
        }
        try {
            return known(file, progress);
        } finally {
            reading.unlock();
        }
    }

    private String known(Path file, Consumer<? super Preparation> progress) throws IOException {
        Path real = file.toRealPath();
        String name = "digest-"
                + HexFormat.of().formatHex(sha256().digest(real.toString().getBytes(StandardCharsets.UTF_8)), 0, 16);
        String stamp = FileIdentity.of(real).toString();
        Optional<String> known = cache.recall(name, stamp, values -> values.text("sha256"));
        if (known.isPresent()) {
            return known.get();
        }
        String digest = read(real, progress);
        if (!FileIdentity.of(real).toString().equals(stamp)) {
            throw new IOException(real + " was changed while it was read");
        }
        cache.remember(name, stamp, Map.of("file", real.toString(), "sha256", digest));
        return digest;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    // Images are mostly holes, which are read fast.
    private static String read(Path file, Consumer<? super Preparation> progress) throws IOException {
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

    private static boolean fill(FileChannel channel, ByteBuffer block) throws IOException {
        int read = 0;
        while (read >= 0 && block.hasRemaining()) {
            read = channel.read(block);
        }
        return block.flip().hasRemaining();
    }
}
