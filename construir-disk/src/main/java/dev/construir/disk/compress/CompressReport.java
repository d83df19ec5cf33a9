package dev.construir.disk.compress;

import dev.construir.DataSize;
import java.util.Objects;
import java.util.Optional;

/**
 * What was compressed to what.
 *
 * @param image the image, as unpacking gives it
 * @param compressed the file that it was compressed to
 * @since 0.1
 */
public record CompressReport(Content image, Content compressed) {
    /**
     * Checks that nothing is missing.
     *
     * @param image see {@link #image()}
     * @param compressed see {@link #compressed()}
     */
    public CompressReport {
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(compressed, "compressed");
    }

    /**
     * The content of a file.
     *
     * @param size its size
     * @param sha256 its SHA-256 in 64 lower-case hexadecimal digits; empty if it was not asked for
     * @since 0.1
     */
    public record Content(DataSize size, Optional<String> sha256) {
        /**
         * Checks that nothing is missing.
         *
         * @param size see {@link #size()}
         * @param sha256 see {@link #sha256()}
         */
        public Content {
            Objects.requireNonNull(size, "size");
            Objects.requireNonNull(sha256, "sha256");
        }
    }
}
