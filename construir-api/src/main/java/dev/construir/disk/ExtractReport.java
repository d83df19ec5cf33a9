package dev.construir.disk;

import java.util.List;

/**
 * What was extracted.
 *
 * @param files files written
 * @param directories directories created
 * @param links symbolic links created
 * @param bytes size of all files written
 * @param skipped entries that were not recreated, each with the reason: {@code /dev/null: a device}; the first 1,000
 * @param skippedTotal how many entries were not recreated
 */
public record ExtractReport(
        long files, long directories, long links, long bytes, List<String> skipped, long skippedTotal) {
    /**
     * Copies the list.
     *
     * @param files see {@link #files()}
     * @param directories see {@link #directories()}
     * @param links see {@link #links()}
     * @param bytes see {@link #bytes()}
     * @param skipped see {@link #skipped()}
     * @param skippedTotal see {@link #skippedTotal()}
     */
    public ExtractReport {
        skipped = List.copyOf(skipped);
    }
}
