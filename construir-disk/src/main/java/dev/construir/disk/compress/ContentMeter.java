package dev.construir.disk.compress;

import dev.construir.DataSize;
import dev.construir.block.Sha256;
import dev.construir.disk.compress.CompressReport.Content;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Passes bytes on, and knows afterwards their number and their digest. */
final class ContentMeter extends FilterOutputStream {
    private final @Nullable Sha256 digest;
    private long size;

    /**
     * Passes bytes on.
     *
     * @param isWanted whether their digest is computed
     */
    ContentMeter(OutputStream out, boolean isWanted) {
        super(out);
        this.digest = isWanted ? new Sha256() : null;
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
        return new Content(DataSize.ofBytes(size), Optional.ofNullable(digest).map(Sha256::finish));
    }
}
