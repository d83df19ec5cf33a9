package dev.construir.disk.read;

import java.util.Objects;
import java.util.function.Consumer;

/**
 * What is extracted, and how.
 *
 * @param selection which entries are extracted
 * @param links what happens to symbolic links
 * @param whenIncomplete what happens to what was extracted when the extraction does not come to its end
 * @param progress receives how far it is, on the thread that extracts: at most ten times a second, and once at the end.
 *     What it throws ends the extraction
 * @since 0.1
 */
public record ExtractOptions(
        Selection selection, Links links, WhenIncomplete whenIncomplete, Consumer<ExtractProgress> progress) {
    /**
     * Everything but {@code /lost+found}, and those links that stay inside; what is incomplete is kept, and progress is
     * not reported.
     */
    public static final ExtractOptions DEFAULT = new ExtractOptions(Selection.ALL, Links.INSIDE);

    /**
     * What happens to symbolic links.
     *
     * @since 0.1
     */
    public enum Links {
        /**
         * Those that point inside the target are created, the others are skipped and reported: absolute ones, and those
         * with a {@code ..} that may lead outside, which is any behind another name.
         */
        INSIDE,
        /** All are skipped and reported. */
        SKIP
    }

    /**
     * What happens when an extraction ends by an exception. A file is there whole or not at all, whatever is chosen.
     *
     * @since 0.1
     */
    public enum WhenIncomplete {
        /** What was extracted stays, and with it a directory {@code .construir-incomplete} in the target. */
        KEEP,
        /**
         * What was created is removed, with all that others put into new directories, but not what others put in its
         * place; what it took the place of does not come back. If the process is killed, everything stays as with
         * {@link #KEEP}.
         */
        REMOVE
    }

    /**
     * Checks that nothing is missing.
     *
     * @param selection see {@link #selection()}
     * @param links see {@link #links()}
     * @param whenIncomplete see {@link #whenIncomplete()}
     * @param progress see {@link #progress()}
     */
    public ExtractOptions {
        Objects.requireNonNull(selection, "selection");
        Objects.requireNonNull(links, "links");
        Objects.requireNonNull(whenIncomplete, "whenIncomplete");
        Objects.requireNonNull(progress, "progress");
    }

    /**
     * Creates options that keep what is incomplete, and do not report progress.
     *
     * @param selection see {@link #selection()}
     * @param links see {@link #links()}
     */
    public ExtractOptions(Selection selection, Links links) {
        this(selection, links, WhenIncomplete.KEEP, progress -> {});
    }

    /**
     * Returns these options with another fate of what is incomplete.
     *
     * @param fate see {@link #whenIncomplete()}
     * @return the options
     */
    public ExtractOptions withWhenIncomplete(WhenIncomplete fate) {
        return new ExtractOptions(selection, links, fate, progress);
    }

    /**
     * Returns these options with another listener.
     *
     * @param listener see {@link #progress()}
     * @return the options
     */
    public ExtractOptions withProgress(Consumer<ExtractProgress> listener) {
        return new ExtractOptions(selection, links, whenIncomplete, listener);
    }
}
