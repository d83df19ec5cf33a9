package dev.construir.qemu.warm;

import dev.construir.backend.ProbeCache;
import dev.construir.block.Sha256;
import dev.construir.machine.Preparation;
import dev.construir.store.ContentDigest;
import dev.construir.store.FileIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The digests of files, each read once for as long as it does not change. Safe for use by many threads, which wait for
 * each other: mostly they want the same file's.
 */
public final class ContentDigests {
    private static final int NAME_LENGTH = 32;

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
        Sha256 path = new Sha256();
        byte[] bytes = real.toString().getBytes(StandardCharsets.UTF_8);
        path.update(bytes, 0, bytes.length);
        String name = "digest-" + path.finish().substring(0, NAME_LENGTH);
        String stamp = FileIdentity.of(real).toString();
        Optional<String> known = cache.recall(name, stamp, values -> values.text("sha256"));
        if (known.isPresent()) {
            return known.get();
        }
        String digest = ContentDigest.of(real, progress);
        if (!FileIdentity.of(real).toString().equals(stamp)) {
            throw new IOException(real + " was changed while it was read");
        }
        cache.remember(name, stamp, Map.of("file", real.toString(), "sha256", digest));
        return digest;
    }
}
