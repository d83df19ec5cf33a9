package dev.construir.disk.read;

import dev.construir.host.HostDirectory;
import dev.construir.host.OpenDirectory;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What an extraction has made, so that it can be removed. What is in directories that it made is not remembered: it
 * goes with them. So this is little for an extraction to a new directory.
 */
final class ExtractionRollback {
    private final List<Made> all = new ArrayList<>();
    private final Set<Object> directories = new HashSet<>();
    private final Deque<Path> discarded = new ArrayDeque<>();
    private long count;

    /** The key shows whether it still has its name. */
    private record Made(HostDirectory parent, Path name, Object key) {}

    /** Remembers something that was made in a directory. */
    void made(HostDirectory parent, Path name) throws IOException {
        if (!directories.contains(parent.held().key())) {
            all.add(new Made(parent, name, OpenDirectory.keyOf(parent.resolve(name))));
        }
    }

    /** Forgets from now on what is made in a directory, which was made itself. */
    void inside(OpenDirectory made) {
        directories.add(made.key());
    }

    /**
     * Removes what is there of it. A directory is first moved aside with all that is in it, so that no depth is too
     * much.
     */
    void remove(ExtractTarget target) throws IOException {
        for (int i = all.size() - 1; i >= 0; i--) {
            Made made = all.get(i);
            if (made.parent().open() && isThere(made)) {
                discard(made.parent().resolve(made.name()), target);
            }
            if (i == 0 || all.get(i - 1).parent() != made.parent()) {
                made.parent().closeUpwards(); // there may be more of them than may be open
            }
        }
        while (!discarded.isEmpty()) {
            Path directory = discarded.remove();
            try (OpenDirectory held = target.open(directory);
                    DirectoryStream<Path> content = Files.newDirectoryStream(held.path())) {
                for (Path each : content) {
                    discard(each, target);
                }
            }
            Files.delete(directory);
        }
    }

    /** Returns whether it is still there, and not replaced by another process. */
    private static boolean isThere(Made made) throws IOException {
        try {
            return made.key().equals(OpenDirectory.keyOf(made.parent().resolve(made.name())));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private void discard(Path path, ExtractTarget target) throws IOException {
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(path);
            return;
        }
        try (OpenDirectory held = target.open(path)) {
            FileExtractor.open(held); // what is not writable cannot be moved
        }
        Path aside = target.staging().discarded(++count);
        Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
        discarded.add(aside);
    }
}
