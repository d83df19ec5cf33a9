package dev.construir.disk.read;

import java.util.List;

/**
 * What was extracted.
 *
 * @param files files written
 * @param directories directories created
 * @param links symbolic links created
 * @param bytes size of all files written
 * @param foreign how many of files, directories and links belong on the disk to others than root; on the host they all
 *     belong to the user that extracts
 * @param attributes how many have extended attributes that are left out, other than access control lists and
 *     capabilities, which are in the list
 * @param changedLinks how many symbolic links have another text, as this JVM can make none with doubled or final
 *     slashes: without the foreign function interface of Java 22 and without JNA
 * @param changedTimes how many of files and directories have a time that is not right to the microsecond, for the same
 *     reason: those before 1970 with a fraction of a second, which is left out
 * @param lost how many files, directories and links are missing because they are damaged or this host refuses them,
 *     each of them in the list as well; of a directory that cannot be read, what is in it is not counted
 * @param skipped what was not recreated, each with the reason: entries, {@code /dev/null: a device}, and what grants
 *     rights, as set-id and sticky bits, access control lists and capabilities, {@code /bin/su: its set-id bits}; the
 *     first 1,000
 * @param skippedTotal how many there are in all
 * @param unmatched the globs of {@link Selection#matching} that matched nothing
 * @since 0.1
 */
public record ExtractReport(
        long files,
        long directories,
        long links,
        long bytes,
        long foreign,
        long attributes,
        long changedLinks,
        long changedTimes,
        long lost,
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
     * @param attributes see {@link #attributes()}
     * @param changedLinks see {@link #changedLinks()}
     * @param changedTimes see {@link #changedTimes()}
     * @param lost see {@link #lost()}
     * @param skipped see {@link #skipped()}
     * @param skippedTotal see {@link #skippedTotal()}
     * @param unmatched see {@link #unmatched()}
     */
    public ExtractReport {
        skipped = List.copyOf(skipped);
        unmatched = List.copyOf(unmatched);
    }
}
