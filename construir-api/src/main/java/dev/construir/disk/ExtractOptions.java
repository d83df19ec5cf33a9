package dev.construir.disk;

import java.util.Objects;

/**
 * What is extracted, and how.
 *
 * @param selection which entries are extracted
 * @param links what happens to symbolic links
 */
public record ExtractOptions(Selection selection, Links links) {
    /** Everything but {@code /lost+found}, and those links that stay inside. */
    public static final ExtractOptions DEFAULT = new ExtractOptions(Selection.ALL, Links.INSIDE);

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
     * @param selection see {@link #selection()}
     * @param links see {@link #links()}
     */
    public ExtractOptions {
        Objects.requireNonNull(selection, "selection");
        Objects.requireNonNull(links, "links");
    }
}
