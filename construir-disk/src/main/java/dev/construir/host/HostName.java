package dev.construir.host;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Names of the host's files as bytes. A JVM in the locale {@code C} cannot turn names beyond ASCII into text and back,
 * but its paths keep the bytes all the same, and URIs show them.
 */
public final class HostName {
    private static final char UNKNOWN = '\ufffd';

    private HostName() {}

    /**
     * Returns the bytes of a path's last name.
     *
     * @param path the path
     * @return the bytes
     */
    public static byte[] of(Path path) {
        String name = path.getFileName().toString();
        if (name.indexOf(UNKNOWN) < 0) {
            return name.getBytes(StandardCharsets.UTF_8);
        }
        String raw = path.toUri().getRawPath();
        String trimmed = raw.endsWith("/") ? raw.substring(0, raw.length() - 1) : raw;
        return unescape(trimmed.substring(trimmed.lastIndexOf('/') + 1));
    }

    /**
     * Returns the bytes of a path, as system calls take it.
     *
     * @param path the path
     * @return the bytes, without a slash at their end
     */
    public static byte[] ofPath(Path path) {
        String text = path.toString();
        if (text.chars().allMatch(c -> c < 128)) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }
        byte[] bytes = unescape(path.toUri().getRawPath());
        return bytes[bytes.length - 1] == '/' ? Arrays.copyOf(bytes, bytes.length - 1) : bytes;
    }

    /**
     * Returns the bytes of a symbolic link's target.
     *
     * @param link the link
     * @return the unchanged bytes
     * @throws IOException if it cannot be read
     */
    public static byte[] target(Path link) throws IOException {
        return textOf(Files.readSymbolicLink(link));
    }

    /**
     * Returns the bytes of a path as written, also of a relative one.
     *
     * @param target the path
     * @return the bytes
     */
    static byte[] textOf(Path target) {
        String text = target.toString();
        if (text.indexOf(UNKNOWN) < 0) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        byte[] whole = unescape(target.toUri().getRawPath());
        if (whole[whole.length - 1] == '/' && !text.endsWith("/")) {
            whole = Arrays.copyOf(whole, whole.length - 1); // the URI of a directory ends in a slash
        }
        if (target.isAbsolute()) {
            return whole;
        }
        // A URI is absolute: the working directory precedes the target.
        byte[] here = unescape(Path.of("").toUri().getRawPath());
        return Arrays.copyOfRange(whole, here.length, whole.length);
    }

    /**
     * Returns the path of a name in a directory.
     *
     * @param directory the directory
     * @param name the name
     * @return the path
     * @throws InvalidPathException if the host cannot have such a name
     */
    public static Path resolve(Path directory, byte[] name) {
        return directory.resolve(path(name));
    }

    /**
     * Returns a relative path of some bytes: a name, or the target of a link.
     *
     * @param bytes the bytes
     * @return the path
     * @throws InvalidPathException if the host cannot have such a path
     */
    public static Path path(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.indexOf(UNKNOWN) < 0) {
            try {
                return Path.of(text);
            } catch (InvalidPathException e) {
                return escaped(bytes, text);
            }
        }
        return escaped(bytes, text);
    }

    private static Path escaped(byte[] bytes, String text) {
        Path path = Path.of("");
        int from = 0;
        for (int to = 0; to <= bytes.length; to++) {
            if (to == bytes.length || bytes[to] == '/') {
                path = to > from ? path.resolve(name(bytes, from, to, text)) : path;
                from = to + 1;
            }
        }
        return path;
    }

    private static Path name(byte[] bytes, int from, int to, String text) {
        StringBuilder uri = new StringBuilder("file:///");
        for (int i = from; i < to; i++) {
            HexFormat.of().toHexDigits(uri.append('%'), bytes[i]);
        }
        try {
            return Path.of(URI.create(uri.toString())).getFileName();
        } catch (IllegalArgumentException e) {
            InvalidPathException invalid = new InvalidPathException(text, "not a name on this host");
            invalid.initCause(e);
            throw invalid;
        }
    }

    private static byte[] unescape(String raw) {
        byte[] bytes = new byte[raw.length()];
        int length = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                bytes[length++] = (byte) HexFormat.fromHexDigits(raw, i + 1, i + 3);
                i += 2;
            } else {
                bytes[length++] = (byte) c;
            }
        }
        return Arrays.copyOf(bytes, length);
    }
}
