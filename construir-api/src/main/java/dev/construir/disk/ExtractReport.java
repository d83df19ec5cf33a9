package dev.construir.disk;

import java.util.List;

/**
 * What was extracted.
 *
 * @param files files written
 * @param directories directories created
 * @param links symbolic links created
 * @param bytes size of all files written
 * @param skipped what was not recreated, each with the reason: entries, {@code /dev/null: a device}, and set-id bits,
 *     {@code /bin/su: its set-id bits}; the first 1,000
 * @param skippedTotal how many there are in all
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
