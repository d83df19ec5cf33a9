package dev.construir.tar;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Extended attributes as pax records, of which there are three forms: {@code SCHILY.xattr.NAME}, by most programs, for which GNU tar writes
 * {@code =} and {@code %} in names as {@code %3D} and {@code %25}; {@code LIBARCHIVE.xattr.NAME} by bsdtar, with every odd byte of the name
 * escaped so, and the value in Base64; and {@code RHT.security.selinux} by GNU tar.
 */
final class PaxAttributes {
    private static final String SCHILY = "SCHILY.xattr.";
    private static final String LIBARCHIVE = "LIBARCHIVE.xattr.";
    private static final String SELINUX = "RHT.security.selinux";
    private static final String SELINUX_NAME = "security.selinux";

    private final Predicate<String> wanted;
    private final Map<String, byte[]> schily = new LinkedHashMap<>();
    private final Map<String, byte[]> libarchive = new LinkedHashMap<>();
    private byte @Nullable [] selinux;
    private final LeftOut leftOut = new LeftOut();

    PaxAttributes(Predicate<String> wanted) {
        this.wanted = wanted;
    }

    /** Returns whether the value of a record is needed; if not, it is noted where it is an attribute that is left out. */
    boolean isWanted(String key) {
        if (key.equals(SELINUX)) {
            return true;
        }
        String name = key.startsWith(SCHILY) ? gnuName(key) : key.startsWith(LIBARCHIVE) ? name(key) : "";
        if (name.isEmpty()) {
            return false;
        }
        boolean is = wanted.test(name);
        if (!is) {
            leftOut.add(name);
        }
        return is;
    }

    /** @throws IllegalArgumentException if the value is damaged */
    void put(String key, byte[] value) {
        if (key.startsWith(LIBARCHIVE)) {
            libarchive.put(name(key), Base64.getMimeDecoder().decode(value));
        } else if (key.equals(SELINUX)) {
            // The kernel's value ends with a NUL, the record has none.
            selinux = Arrays.copyOf(value, value.length + 1);
        } else {
            schily.put(key.substring(SCHILY.length()), value);
        }
    }

    boolean isEmpty() {
        return schily.isEmpty() && libarchive.isEmpty() && leftOut.count() == 0;
    }

    LeftOut leftOut() {
        return leftOut;
    }

    /** Returns all attributes by their names. Where bsdtar wrote them in two forms, the one that escapes all names counts. */
    Map<String, byte[]> all() {
        Map<String, byte[]> all = new LinkedHashMap<>(libarchive);
        schily.forEach((name, value) -> {
            if (libarchive.isEmpty()) {
                all.put(decoded(name, false), value);
            } else if (libarchive.keySet().stream()
                    .noneMatch(other -> other.equals(name) || other.startsWith(name + "="))) {
                all.put(name, value);
            }
        });
        if (selinux != null) {
            all.putIfAbsent(SELINUX_NAME, selinux);
        }
        return all;
    }

    private static String gnuName(String key) {
        return decoded(key.substring(SCHILY.length()), false);
    }

    private static String name(String key) {
        return decoded(key.substring(LIBARCHIVE.length()), true);
    }

    /** Decodes what is escaped by a per cent sign and two digits: everything, or only {@code =} and {@code %}. */
    private static String decoded(String name, boolean everything) {
        if (name.indexOf('%') < 0) {
            return name;
        }
        byte[] in = name.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[in.length];
        int length = 0;
        for (int i = 0; i < in.length; i++) {
            boolean escaped = in[i] == '%'
                    && i + 2 < in.length
                    && HexFormat.isHexDigit(in[i + 1])
                    && HexFormat.isHexDigit(in[i + 2]);
            int decoded = escaped ? (HexFormat.fromHexDigit(in[i + 1]) << 4) | HexFormat.fromHexDigit(in[i + 2]) : 0;
            if (escaped && (everything || (in[i + 2] == 'D' && decoded == '=') || decoded == '%')) {
                out[length++] = (byte) decoded;
                i += 2;
            } else {
                out[length++] = in[i];
            }
        }
        return new String(out, 0, length, StandardCharsets.UTF_8);
    }
}
