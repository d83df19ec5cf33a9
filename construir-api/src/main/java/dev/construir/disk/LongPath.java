package dev.construir.disk;

import dev.construir.host.HostName;
import dev.construir.host.SystemCalls;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a directory is found. The kernel takes paths of less than 4,096 bytes; what is further down is reached from a directory that is held open, where
 * the C library can be called.
 */
final class LongPath implements Closeable {
    /** With a name of 255 bytes behind it, a path is still short enough. */
    private static final int LONGEST = 3800;

    private static final int NONE = -1;

    private final Path path;
    private final int descriptor;
    private final @Nullable SystemCalls calls;

    private LongPath(Path path, int descriptor, @Nullable SystemCalls calls) {
        this.path = path;
        this.descriptor = descriptor;
        this.calls = calls;
    }

    static LongPath of(Path path) {
        return new LongPath(path, NONE, null);
    }

    Path path() {
        return path;
    }

    /** Returns where a directory in this one is found. This must not be closed before. */
    LongPath below(Path directory) throws IOException {
        byte[] bytes = HostName.ofPath(directory);
        Optional<SystemCalls> available = bytes.length > LONGEST ? SystemCalls.available() : Optional.empty();
        if (available.isEmpty()) {
            return of(directory);
        }
        int opened = available.get().open(bytes);
        return new LongPath(Path.of("/proc/self/fd/" + opened), opened, available.get());
    }

    @Override
    public void close() {
        if (calls != null) {
            calls.close(descriptor);
        }
    }
}
