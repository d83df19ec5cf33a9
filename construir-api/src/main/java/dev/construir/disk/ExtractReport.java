package dev.construir.disk;

import java.util.List;

/**
 * What was extracted.
 *
 * @param files files written
 * @param directories directories created
 * @param links symbolic links created
 * @param bytes size of all files written
 * @param foreign how many of files, directories and links belong on the disk to others than root; here they all belong to whoever extracts
 * @param skipped what was not recreated, each with the reason: entries, {@code /dev/null: a device}, and set-id and sticky bits,
 *     {@code /bin/su: its set-id bits}; the first 1,000
 * @param skippedTotal how many there are in all
 * @param unmatched the globs of {@link Selection#matching} that matched nothing
 */
public record ExtractReport(
        long files,
        long directories,
        long links,
        long bytes,
        long foreign,
        List<String> skipped,
        long skippedTotal,
        List<String> unmatched) {
    /**
     * Copies the lists.
     *
     * @param files see {@link #files()}
     * @param directories see {@link #directories()}
     * @param links see {@link #links()}
     * @param bytes see {@link #bytes()}
     * @param foreign see {@link #foreign()}
     * @param skipped see {@link #skipped()}
     * @param skippedTotal see {@link #skippedTotal()}
     * @param unmatched see {@link #unmatched()}
     */
    public ExtractReport {
        skipped = List.copyOf(skipped);
        unmatched = List.copyOf(unmatched);
    }
}
