package dev.construir.disk.read;

import dev.construir.volume.VolumeEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Selection} on its way down a disk: what it has to say of the entries of one directory. Used by one
 * extraction.
 */
interface SelectionCursor {
    /** Returns whether an entry is selected. */
    boolean includes(VolumeEntry entry);

    /**
     * Returns what goes for the entries of a directory, or null if none of them, at whatever depth, can be selected.
     */
    @Nullable
    SelectionCursor below(VolumeEntry directory);

    /**
     * Returns whether it may be asked about entries before it is their turn: not if a caller's code answers, which may
     * look at what was extracted.
     */
    default boolean knowsAhead() {
        return true;
    }

    /** Returns what was asked for by name and not found so far, in this extraction. */
    default List<String> unmatched() {
        return List.of();
    }
}
