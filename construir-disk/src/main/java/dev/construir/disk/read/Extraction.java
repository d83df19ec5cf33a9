package dev.construir.disk.read;

import dev.construir.DiskFormatException;
import dev.construir.disk.LimitException;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.ExtractOptions.WhenIncomplete;
import dev.construir.host.ProcFdPaths;
import dev.construir.text.Reason;
import dev.construir.volume.ExtVolume;
import dev.construir.volume.VolumeEntry;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An extraction from its beginning to its end, and what becomes of what it made if it fails. Runs once. */
final class Extraction {
    private final ExtVolume volume;
    private final ReadLimits limits;
    private final ExtractOptions options;
    private final ProcFdPaths descriptors;
    private final ExtractionCounter counter;
    private final @Nullable ExtractionRollback rollback;

    Extraction(ExtVolume volume, ReadLimits limits, ExtractOptions options, ProcFdPaths descriptors) {
        this.volume = volume;
        this.limits = limits;
        this.options = Objects.requireNonNull(options, "options");
        this.descriptors = descriptors;
        this.counter = new ExtractionCounter(options.progress(), System::nanoTime);
        this.rollback = options.whenIncomplete() == WhenIncomplete.REMOVE ? new ExtractionRollback() : null;
    }

    ExtractReport run(VolumeEntry entry, Path directory) throws IOException, InterruptedException {
        boolean created = !Files.isDirectory(directory);
        if (created) {
            Files.createDirectories(directory);
        }
        boolean complete = false;
        try (ExtractTarget target = new ExtractTarget(directory.toRealPath(), descriptors, rollback)) {
            ExtractReport report = run(entry, target);
            complete = true;
            return report;
        } catch (ClosedByInterruptException e) { // before anything was extracted
            Thread.interrupted();
            throw interrupted("interrupted before the first entry", e);
        } finally {
            if (created && !complete && rollback != null) {
                remove(directory);
            }
        }
    }

    private static void remove(Path directory) throws IOException {
        try {
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException e) {
            // what others put there stays
        }
    }

    private ExtractReport run(VolumeEntry entry, ExtractTarget target) throws IOException, InterruptedException {
        SelectionCursor cursor = options.selection().begin();
        TreeExtractor tree = new TreeExtractor(volume, limits, options, target, counter);
        try {
            tree.run(entry, cursor);
            ExtractReport report = counter.report(cursor.unmatched());
            target.complete();
            return report;
        } catch (ClosedByInterruptException e) {
            throw interrupted("interrupted after " + tree.entries() + " entries; " + end(tree, target, e), e);
        } catch (LimitException e) {
            throw limit(e.getMessage() + "; " + end(tree, target, e), e);
        } catch (DiskFormatException | RuntimeException e) {
            String unused = end(tree, target, e);
            throw e;
        } catch (IOException e) {
            throw new IOException(Reason.of(e) + ", at " + tree.last() + "; " + end(tree, target, e), e);
        }
    }

    private static InterruptedException interrupted(String message, ClosedByInterruptException cause) {
        InterruptedException e = new InterruptedException(message);
        e.initCause(cause);
        return e;
    }

    private static LimitException limit(String message, LimitException cause) {
        LimitException e = new LimitException(message);
        e.initCause(cause);
        return e;
    }

    /** Leaves what was extracted in order, or removes it, and says which. Must not hide why the extraction ends. */
    private String end(TreeExtractor tree, ExtractTarget target, Exception cause) {
        // An interrupt would close the directories that are needed for that.
        boolean interrupted = Thread.interrupted() && !(cause instanceof ClosedByInterruptException);
        try {
            if (rollback == null) {
                tree.leave();
                return "what was extracted by then stays: " + counter;
            }
            rollback.remove(target);
            target.complete();
            return "what was extracted by then was removed";
        } catch (IOException e) {
            cause.addSuppressed(e);
            return rollback == null
                    ? "what was extracted by then stays: " + counter
                    : "what was extracted by then could not all be removed: " + Reason.of(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
