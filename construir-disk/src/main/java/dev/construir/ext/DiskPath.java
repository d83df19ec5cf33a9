package dev.construir.ext;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Splits the paths of callers into names. */
public final class DiskPath {
    static final int MAX_NAME = 255;
    /** What bytes that are no UTF-8 are shown as. */
    public static final String REPLACED = "\ufffd";

    private static final int REPLACED_SIZE = 3; // for a single byte

    private DiskPath() {}

    /**
     * Returns the names of a path to write, none for the root. Empty ones, as in {@code /a//b/}, are ignored.
     *
     * @throws IllegalArgumentException if a name is not possible
     */
    public static List<byte[]> names(String path) {
        return names(path, MAX_NAME);
    }

    /**
     * Returns the names of a path to find. A name that is not UTF-8 on the disk is shown and found with replacement
     * characters, which may be longer than the bytes they replace.
     *
     * @throws IllegalArgumentException if a name is not possible
     */
    public static List<byte[]> namesAsShown(String path) {
        return names(path, path.contains(REPLACED) ? MAX_NAME * REPLACED_SIZE : MAX_NAME);
    }

    /**
     * Checks a name.
     *
     * @throws IllegalArgumentException if no entry can be made by that name
     */
    public static void checkName(String path, byte[] name) {
        check(path, name, MAX_NAME);
    }

    private static List<byte[]> names(String path, int longest) {
        List<byte[]> names = new ArrayList<>();
        for (String name : path.split("/")) {
            if (!name.isEmpty()) {
                byte[] bytes = utf8(name);
                check(path, bytes, longest);
                names.add(bytes);
            }
        }
        return names;
    }

    private static void check(String path, byte[] name, int longest) {
        String fault = fault(name, longest);
        if (fault != null) {
            throw new IllegalArgumentException("not a path on a disk: \"" + path + "\": " + fault);
        }
    }

    /** Returns why a name is not possible, or null. */
    public static @Nullable String fault(byte[] name) {
        return fault(name, MAX_NAME);
    }

    private static @Nullable String fault(byte[] name, int longest) {
        if (name.length == 0 || name.length > longest) {
            return "a name has 1 to " + MAX_NAME + " bytes" + (longest == MAX_NAME ? ", not " + name.length : "");
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

    public static NoSuchFileException missing(String path) {
        return new NoSuchFileException(path, null, "there is no such file or directory");
    }

    static boolean isDots(byte[] name) {
        return name.length <= 2 && name[0] == '.' && name[name.length - 1] == '.';
    }

    /**
     * Returns a text in UTF-8.
     *
     * @throws IllegalArgumentException if the text has half a surrogate pair
     */
    public static byte[] utf8(String text) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] result = new byte[bytes.remaining()];
            bytes.get(result);
            return result;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("not Unicode: \"" + text + "\"", e);
        }
    }

    /** Returns how many bytes a name has once read: each sequence that is not UTF-8 becomes a replacement character. */
    public static int length(byte[] name) {
        for (byte b : name) {
            if (b < 0) {
                return text(name).getBytes(StandardCharsets.UTF_8).length;
            }
        }
        return name.length;
    }

    public static String text(byte[] name) {
        return new String(name, StandardCharsets.UTF_8);
    }

    /** Returns the path of an entry of a directory, given the directory's. */
    public static String child(String directory, byte[] name) {
        return directory.equals("/") ? "/" + text(name) : directory + "/" + text(name);
    }
}
