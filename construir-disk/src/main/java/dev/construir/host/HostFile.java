package dev.construir.host;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file of the host, to be read after its attributes were. With the C library it stays open, so that it is the same
 * file. Without it, a file that took its name meanwhile is read instead, and a pipe blocks; a link is refused.
 */
public final class HostFile implements Closeable {
    private static final int NONE = -1;

    private final HostEntry entry;
    private final Path path;
    private final OpenOption[] options;
    private final Optional<SystemCalls> calls;
    private final int descriptor;

    private HostFile(HostEntry entry, Path path, OpenOption[] options, Optional<SystemCalls> calls, int descriptor) {
        this.entry = entry;
        this.path = path;
        this.options = options;
        this.calls = calls;
        this.descriptor = descriptor;
    }

    /** Opens an entry that was a file with some key when it was looked at. */
    public static HostFile open(HostEntry entry, Object key, Optional<SystemCalls> calls) throws IOException {
        Path path = entry.path();
        if (calls.isEmpty()) {
            return new HostFile(entry, path, new OpenOption[] {LinkOption.NOFOLLOW_LINKS}, calls, NONE);
        }
        int descriptor = calls.get().openEntry(HostName.ofPath(path));
        HostFile file = new HostFile(
                entry,
                OpenDirectory.DESCRIPTORS.resolve(Integer.toString(descriptor)),
                new OpenOption[0],
                calls,
                descriptor);
        try {
            if (!key.equals(Holes.key(file.path))) {
                throw entry.replaced();
            }
            return file;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Opens it to be read, from its beginning. */
    public InputStream read() throws IOException {
        try {
            return Files.newInputStream(path, options);
        } catch (FileSystemException | ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) { // how Java reports a link
            FileSystemException link = entry.replaced();
            link.initCause(e);
            throw link;
        }
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() {
        calls.ifPresent(each -> each.close(descriptor));
    }
}
