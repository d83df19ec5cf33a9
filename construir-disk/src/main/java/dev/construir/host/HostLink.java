package dev.construir.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A symbolic link to be made on the host, its text byte for byte. Java makes a path of the text, which has neither
 * doubled nor final slashes: where that makes a difference, the C library is called, if it can be.
 */
public final class HostLink {
    private final byte[] text;
    private final Path path;
    private final Optional<SystemCalls> calls;
    private final boolean exact;

    private HostLink(byte[] text, Path path, Optional<SystemCalls> calls, boolean exact) {
        this.text = text;
        this.path = path;
        this.calls = calls;
        this.exact = exact;
    }

    /**
     * Returns the link with this text.
     *
     * @throws java.nio.file.InvalidPathException if the host cannot have such a text
     */
    public static HostLink of(byte[] text) {
        return of(text, SystemCalls::available);
    }

    /**
     * Returns the link with this text.
     *
     * @param available asked late, as the first answer takes a while
     */
    public static HostLink of(byte[] text, Supplier<Optional<SystemCalls>> available) {
        Path path = HostName.path(text);
        if (Arrays.equals(HostName.textOf(path), text)) {
            return new HostLink(text, path, Optional.empty(), true);
        }
        Optional<SystemCalls> calls = available.get();
        return new HostLink(text, path, calls, calls.isPresent());
    }

    /** Returns whether it has the text that it was to have. */
    public boolean isExact() {
        return exact;
    }

    public void create(Path link) throws IOException {
        if (calls.isPresent()) {
            calls.get().makeLink(text, HostName.ofPath(link));
        } else {
            Files.createSymbolicLink(link, path);
        }
    }
}
