package dev.construir.disk.read;

import dev.construir.volume.VolumeEntry;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out some entries.
 *
 * @param rest says what is selected of the others
 * @param paths the entries' paths
 */
record ExceptCursor(SelectionCursor rest, Set<String> paths) implements SelectionCursor {
    @Override
    public boolean includes(VolumeEntry entry) {
        return !paths.contains(entry.path()) && rest.includes(entry);
    }

    @Override
    public @Nullable SelectionCursor below(VolumeEntry directory) {
        SelectionCursor below = paths.contains(directory.path()) ? null : rest.below(directory);
        return below == null ? null : new ExceptCursor(below, paths);
    }

    @Override
    public boolean knowsAhead() {
        return rest.knowsAhead();
    }

    @Override
    public List<String> unmatched() {
        return rest.unmatched();
    }
}
