package dev.construir.disk;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes the paths that callers give apart into names. */
final class DiskPath {
    static final int MAX_NAME = 255;

    private DiskPath() {}

    /**
     * Returns the names of a path, none for the root. Empty ones, as in {@code /a//b/}, don't count.
     *
     * @throws IllegalArgumentException if a name is not possible
     */
    static List<byte[]> names(String path) {
        List<byte[]> names = new ArrayList<>();
        for (String name : path.split("/")) {
            if (!name.isEmpty()) {
                byte[] bytes = utf8(name);
                String fault = fault(bytes);
                if (fault != null) {
                    throw new IllegalArgumentException("not a path on a disk: \"" + path + "\": " + fault);
                }
                names.add(bytes);
            }
        }
        return names;
    }

    /** Says why a name is not possible, or null. */
    static @Nullable String fault(byte[] name) {
        if (name.length == 0 || name.length > MAX_NAME) {
            return "a name has 1 to " + MAX_NAME + " bytes, not " + name.length;
        }
        if (isDots(name)) {
            return "\".\" and \"..\" are no names";
        }
        for (byte b : name) {
            if (b == 0 || b == '/') {
                return "a name holds no NUL and no slash";
            }
        }
        return null;
    }

    static NoSuchFileException missing(String path) {
        return new NoSuchFileException(path, null, "there is no such file or directory");
    }

    static boolean isDots(byte[] name) {
        return name.length <= 2 && name[0] == '.' && name[name.length - 1] == '.';
    }

    /** @throws IllegalArgumentException if the text has half a surrogate pair */
    static byte[] utf8(String text) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] result = new byte[bytes.remaining()];
            bytes.get(result);
            return result;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("not Unicode: \"" + text + "\"", e);
        }
    }

    /** Returns how many bytes a name has when it was read: what is no UTF-8 becomes a replacement character. */
    static int length(byte[] name) {
        for (byte b : name) {
            if (b < 0) {
                return text(name).getBytes(StandardCharsets.UTF_8).length;
            }
        }
        return name.length;
    }

    static String text(byte[] name) {
        return new String(name, StandardCharsets.UTF_8);
    }

    /** Returns the path of an entry of a directory, given the directory's. */
    static String child(String directory, byte[] name) {
        return directory.equals("/") ? "/" + text(name) : directory + "/" + text(name);
    }
}
