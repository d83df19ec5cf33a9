package dev.construir.queue;

import dev.construir.block.Sha256;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;

/** Knows the SHA-256 of files that are seldom changed, as root images are, and reads each of them once. Safe for use by many threads. */
final class FileDigests {
    private static final int CHUNK = 1 << 18;
    private static final int MOST = 100;

    /** What tells that a file is another. */
    private record Stamp(String key, long size, FileTime modified) {}

    private record Known(Stamp stamp, String digest) {}

    private final Map<Path, Known> known = new HashMap<>();

    /** Returns the digest in hexadecimal. Others that ask meanwhile wait. */
    synchronized String sha256(Path file) throws IOException, InterruptedException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        Stamp stamp = new Stamp(String.valueOf(attributes.fileKey()), attributes.size(), attributes.lastModifiedTime());
        Known before = known.get(file);
        if (before != null && before.stamp().equals(stamp)) {
            return before.digest();
        }
        String digest = read(file);
        if (known.size() >= MOST) {
            known.clear();
        }
        known.put(file, new Known(stamp, digest));
        return digest;
    }

    // Not a channel: an interrupt would close it.
    private static String read(Path file) throws IOException, InterruptedException {
        try (InputStream in = new FileInputStream(file.toFile())) {
            Sha256 digest = new Sha256();
            byte[] chunk = new byte[CHUNK];
            for (int n = in.read(chunk); n > 0; n = in.read(chunk)) {
                digest.update(chunk, 0, n);
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted while reading " + file);
                }
            }
            return digest.finish();
        }
    }
}
