package dev.construir.disk;

import java.util.Objects;
import java.util.function.Predicate;

/**
 * What is extracted, and how.
 *
 * @param select which entries are extracted, by their path on the disk; a directory that is refused is not entered
 * @param links what happens to symbolic links
 */
public record ExtractOptions(Predicate<String> select, Links links) {
    /** Everything but {@code /lost+found}, and those links that stay inside. */
    public static final ExtractOptions DEFAULT = new ExtractOptions(path -> !path.equals("/lost+found"), Links.INSIDE);

    /** What happens to symbolic links. */
    public enum Links {
        /**
         * Those that point inside the target are created, the others are skipped and reported: absolute ones, and those with a
         * {@code ..} that may lead outside, which is any behind another name.
         */
        INSIDE,
        /** All are skipped and reported. */
        SKIP
    }

    /**
     * Checks that nothing is missing.
     *
     * @param select see {@link #select()}
     * @param links see {@link #links()}
     */
    public ExtractOptions {
        Objects.requireNonNull(select, "select");
        Objects.requireNonNull(links, "links");
    }
}
