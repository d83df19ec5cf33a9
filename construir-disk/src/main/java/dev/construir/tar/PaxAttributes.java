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
 * Extended attributes as pax records, of which there are three forms: {@code SCHILY.xattr.NAME}, by most programs, for
 * which GNU tar writes {@code =} and {@code %} in names as {@code %3D} and {@code %25}; {@code LIBARCHIVE.xattr.NAME}
 * by bsdtar, with every odd byte of the name escaped so, and the value in Base64; and {@code RHT.security.selinux} by
 * GNU tar.
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
    private final OmittedAttributes leftOut = new OmittedAttributes();

    PaxAttributes(Predicate<String> wanted) {
        this.wanted = wanted;
    }

    /**
     * Returns whether the value of a record is needed; if it is an attribute that is left out, notes that.
     *
     * @param key the record's key, each byte as a character
     */
    boolean isWanted(String key) {
        if (key.equals(SELINUX)) {
            return true;
        }
        boolean escaped = key.startsWith(LIBARCHIVE);
        if (!escaped && !key.startsWith(SCHILY)) {
            return false;
        }
        byte[] bytes = decoded(key.substring(escaped ? LIBARCHIVE.length() : SCHILY.length()), escaped);
        String name = text(bytes);
        boolean isText = Arrays.equals(name.getBytes(StandardCharsets.UTF_8), bytes);
        boolean is = isText && wanted.test(name);
        if (!isText) {
            leftOut.add(new String(bytes, StandardCharsets.ISO_8859_1), "not UTF-8");
        } else if (!is) {
            leftOut.add(name);
        }
        return is;
    }

    /** @throws IllegalArgumentException if the value is damaged */
    void put(String key, byte[] value) {
        if (key.startsWith(LIBARCHIVE)) {
            libarchive.put(
                    text(decoded(key.substring(LIBARCHIVE.length()), true)),
                    Base64.getMimeDecoder().decode(value));
        } else if (key.equals(SELINUX)) {
            // The kernel's value ends with a NUL, the record has none.
            selinux = Arrays.copyOf(value, value.length + 1);
        } else {
            schily.put(key.substring(SCHILY.length()), value);
        }
    }

    boolean isEmpty() {
        return schily.isEmpty() && libarchive.isEmpty() && selinux == null && leftOut.count() == 0;
    }

    OmittedAttributes leftOut() {
        return leftOut;
    }

    /**
     * Returns all attributes by their names. Where bsdtar wrote them in two forms, the one that escapes all names
     * counts.
     */
    Map<String, byte[]> all() {
        Map<String, byte[]> all = new LinkedHashMap<>(libarchive);
        schily.forEach((key, value) -> {
            String name = text(libarchive.isEmpty() ? decoded(key, false) : bytes(key));
            if (libarchive.isEmpty()) {
                all.put(name, value);
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

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String key) {
        return key.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Decodes what is escaped by a per cent sign and two digits: everything, or only {@code =} and {@code %}. */
    private static byte[] decoded(String name, boolean everything) {
        byte[] in = bytes(name);
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
        return Arrays.copyOf(out, length);
    }
}
