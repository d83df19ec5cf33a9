package dev.construir.disk;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out some entries.
 *
 * @param rest says what is selected of the others
 * @param paths the entries' paths
 */
record ExceptDescent(Descent rest, Set<String> paths) implements Descent {
    @Override
    public boolean includes(Node node) {
        return !paths.contains(node.path()) && rest.includes(node);
    }

    @Override
    public @Nullable Descent below(Node directory) {
        Descent below = paths.contains(directory.path()) ? null : rest.below(directory);
        return below == null ? null : new ExceptDescent(below, paths);
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
