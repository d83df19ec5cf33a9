package dev.construir.disk.read;

import dev.construir.DiskFormatException;
import dev.construir.ext.Inode;
import dev.construir.volume.VolumeEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Counts what an extraction does and does not, and reports progress, not too often. */
final class ExtractionCounter implements HostMetadata.Findings {
    private static final int MAX_SKIPPED_KEPT = 1000;
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Consumer<ExtractProgress> listener;
    private final LongSupplier nanoTime;
    private final List<String> skipped = new ArrayList<>();
    private long lastReport;
    private long skippedTotal;
    private long files;
    private long directories;
    private long links;
    private long bytes;
    private long foreign;
    private long attributes;
    private long lost;
    private long changedLinks;
    private long changedTimes;

    ExtractionCounter(Consumer<ExtractProgress> listener, LongSupplier nanoTime) {
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.lastReport = nanoTime.getAsLong();
    }

    /** Counts a file that was written. */
    void file(Inode inode) {
        bytes += inode.size();
        name(inode);
    }

    /** Counts a further name of a file. */
    void name(Inode inode) {
        files++;
        entry(inode);
    }

    void directory(Inode inode) {
        directories++;
        entry(inode);
    }

    void link(Inode inode) {
        links++;
        entry(inode);
    }

    private void entry(Inode inode) {
        foreign += inode.uid() == 0 && inode.gid() == 0 ? 0 : 1;
        progress(0);
    }

    /** Reports what of an entry's rights and attributes is left out. */
    void rights(VolumeEntry entry, KeptRights rights) {
        attributes += rights.others() ? 1 : 0;
        if (!rights.left().isEmpty()) {
            skip(entry.path(), String.join(" and ", rights.left()));
        }
    }

    /** Counts a link whose text Java cannot keep byte for byte. */
    void changedLink() {
        changedLinks++;
    }

    /** Counts a time that Java cannot keep to the microsecond. */
    @Override
    public void changedTime() {
        changedTimes++;
    }

    void lose(String path, DiskFormatException damage) {
        lose(path, Objects.requireNonNullElse(damage.getMessage(), "damaged"));
    }

    /** Reports an entry that should be there and is not. */
    void lose(String path, String reason) {
        lost++;
        skip(path, reason);
    }

    /** Reports what is left out on purpose, or cannot be had here. */
    @Override
    public void skip(String path, String reason) {
        skippedTotal++;
        if (skipped.size() < MAX_SKIPPED_KEPT) {
            skipped.add(path + ": " + reason);
        }
    }

    /** Reports progress, unless that was done just now. The file that is being written has so many bytes. */
    void progress(long inFile) {
        long now = nanoTime.getAsLong();
        if (now - lastReport >= INTERVAL_NANOS) {
            lastReport = now;
            notifyListener(inFile);
        }
    }

    private void notifyListener(long inFile) {
        listener.accept(new ExtractProgress(files, directories, links, bytes + inFile));
    }

    /** Reports progress for the last time, and returns what was done. */
    ExtractReport report(List<String> unmatched) {
        notifyListener(0);
        return new ExtractReport(
                files,
                directories,
                links,
                bytes,
                foreign,
                attributes,
                changedLinks,
                changedTimes,
                lost,
                skipped,
                skippedTotal,
                unmatched);
    }

    /** Says in brief what was extracted. */
    @Override
    public String toString() {
        return files + (files == 1 ? " file" : " files");
    }
}
