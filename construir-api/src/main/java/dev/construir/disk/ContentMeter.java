package dev.construir.disk;

import dev.construir.DataSize;
import dev.construir.disk.CompressOptions.Digests;
import dev.construir.disk.CompressReport.Content;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Passes bytes on, and tells afterwards how many they were, and their digest. */
final class ContentMeter extends FilterOutputStream {
    private final @Nullable MessageDigest digest;
    private long size;

    ContentMeter(OutputStream out, Digests digests) {
        super(out);
        this.digest = digests == Digests.SHA256 ? sha256() : null;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int at, int length) throws IOException {
        out.write(bytes, at, length);
        size += length;
        if (digest != null) {
            digest.update(bytes, at, length);
        }
    }

    /** Returns what came by. Once, at the end. */
    Content content() {
        return new Content(
                DataSize.ofBytes(size),
                Optional.ofNullable(digest).map(all -> HexFormat.of().formatHex(all.digest())));
    }
}
