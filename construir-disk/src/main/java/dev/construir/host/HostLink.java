package dev.construir.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes a symbolic link on the host with an exact text. Java turns the text into a path, which drops double and final
 * slashes: where that matters, this calls the C library if available.
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
     * @param available called late, as the first call is slow
     */
    public static HostLink of(byte[] text, Supplier<Optional<SystemCalls>> available) {
        Path path = HostName.path(text);
        if (Arrays.equals(HostName.textOf(path), text)) {
            return new HostLink(text, path, Optional.empty(), true);
        }
        Optional<SystemCalls> calls = available.get();
        return new HostLink(text, path, calls, calls.isPresent());
    }

    /** Returns whether the link has the exact text. */
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
