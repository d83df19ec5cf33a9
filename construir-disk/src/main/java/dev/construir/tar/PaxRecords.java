package dev.construir.tar;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The records of a pax header that this reader uses. Skips all other values, of any size. */
final class PaxRecords {
    private static final String ACCESS_LIST = "SCHILY.acl.access";
    private static final String DEFAULT_LIST = "SCHILY.acl.default";
    private static final String FOREIGN_LIST = "SCHILY.acl.ace";
    /** Records of sparse files by programs other than GNU tar. */
    private static final Set<String> FOREIGN_SPARSE = Set.of("SCHILY.realsize", "SUN.holesdata");

    private static final String SPARSE_SIZE = "GNU.sparse.size";
    private static final String SPARSE_REAL_SIZE = "GNU.sparse.realsize";
    private static final String SPARSE_PIECES = "GNU.sparse.numblocks";

    private static final Set<String> KNOWN = Set.of(
            "path",
            "linkpath",
            "size",
            "uid",
            "gid",
            "uname",
            "gname",
            "mtime",
            "SCHILY.devmajor",
            "SCHILY.devminor",
            ACCESS_LIST,
            DEFAULT_LIST,
            "GNU.sparse.major",
            "GNU.sparse.minor",
            "GNU.sparse.name",
            SPARSE_SIZE,
            SPARSE_REAL_SIZE,
            SPARSE_PIECES,
            "GNU.sparse.map",
            "GNU.sparse.offset",
            "GNU.sparse.numbytes");

    private static final Set<String> GLOBAL = Set.of("uid", "gid", "uname", "gname", "mtime");

    /** The limit for all headers of one entry: an untrusted archive may chain them without end. */
    private static final int MAX_KEPT = 1 << 20;

    private static final int MAX_MAP = 8 << 20;
    private static final int MAX_KEY = 4096;
    private static final int SHOWN_KEY = 100;
    private static final int MAX_DIGITS = 18;
    private static final byte[] NONE = {};

    private final Map<String, byte[]> records = new HashMap<>();
    private final PaxAttributes attributes;
    private @Nullable SparseMap sparse;
    private long pieceOffset = -1;
    private boolean hasForeignList;
    private boolean isForeignSparse;
    private long kept;
    private String describe = "the archive";

    // The position in the current header.
    private long left;

    /** Keeps the extended attributes whose names are wanted. */
    PaxRecords(Predicate<String> wanted) {
        this.attributes = new PaxAttributes(wanted);
    }

    /** Reads the records of a header of a size. */
    void read(InputStream in, long size, long offset) throws IOException {
        describe = "the pax header at byte " + offset + " of the archive";
        left = size;
        while (left > 0) {
            long at = size - left;
            int first = next(in);
            if (first == 0) {
                return; // padding
            }
            record(in, first, at);
        }
    }

    private void record(InputStream in, int first, long at) throws IOException {
        long begin = left + 1;
        long length = length(in, first, at);
        long end = begin - length; // the rest after this record
        if (length < 0 || end < 0 || end >= left) {
            throw noLength(at);
        }
        String key = key(in, end, at);
        long size = left - end - 1;
        if (KNOWN.contains(key) || attributes.isWanted(key)) {
            put(key, value(in, key, size));
        } else { // device names, access times, comments and others
            hasForeignList |= key.equals(FOREIGN_LIST);
            isForeignSparse |= FOREIGN_SPARSE.contains(key);
            in.skipNBytes(size);
            left -= size;
        }
        if (next(in) != '\n') {
            throw noLength(at);
        }
    }

    private long length(InputStream in, int first, long at) throws IOException {
        byte[] digits = new byte[MAX_DIGITS];
        int count = 0;
        for (int c = first; c != ' '; c = next(in)) {
            if (left == 0 || count == MAX_DIGITS) {
                throw noLength(at);
            }
            digits[count++] = (byte) c;
        }
        return number(Arrays.copyOf(digits, count), "a record's length");
    }

    private String key(InputStream in, long end, long at) throws IOException {
        ByteArrayOutputStream key = new ByteArrayOutputStream();
        for (int c = next(in); c != '='; c = next(in)) {
            key.write(c);
            if (left <= end + 1 || key.size() == MAX_KEY) {
                throw new IOException(
                        describe + " is damaged: its record at " + at + " has no key of at most " + MAX_KEY + " bytes");
            }
        }
        if (left <= end) {
            throw noLength(at);
        }
        return key.toString(StandardCharsets.ISO_8859_1); // names of attributes need not be text
    }

    private byte[] value(InputStream in, String key, long size) throws IOException {
        boolean map = key.equals("GNU.sparse.map");
        kept += map ? 0 : key.length() + size;
        if (map ? size > MAX_MAP : kept > MAX_KEPT) {
            throw new IOException(describe + " gives an entry too long records or extended attributes; at most "
                    + (map ? MAX_MAP : MAX_KEPT) + " bytes of them are read");
        }
        left -= size;
        return in.readNBytes((int) size);
    }

    private int next(InputStream in) throws IOException {
        left--;
        return in.read();
    }

    private IOException noLength(long at) {
        return new IOException(describe + " is damaged: its record at " + at + " has no right length");
    }

    private static int indexOf(byte[] bytes, char wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private void put(String key, byte[] value) throws IOException {
        switch (key) {
            case "GNU.sparse.map" -> readMap(value);
            case "GNU.sparse.offset" -> pieceOffset = number(value, key);
            case "GNU.sparse.numbytes" -> {
                sparse().add(pieceOffset, number(value, key));
                pieceOffset = -1;
            }
            default -> {
                if (KNOWN.contains(key)) {
                    records.put(key, value);
                } else {
                    putAttribute(key, value);
                }
            }
        }
    }

    private void putAttribute(String key, byte[] value) throws IOException {
        try {
            attributes.put(key, value);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    describe + " is damaged: the value of " + ShortText.of(key, SHOWN_KEY) + " is no Base64", e);
        }
    }

    private void readMap(byte[] value) throws IOException {
        for (int at = 0; at < value.length; ) {
            int comma = indexOf(value, ',', at, value.length);
            int end = comma < 0 ? value.length : comma;
            long number = number(Arrays.copyOfRange(value, at, end), "GNU.sparse.map");
            if (pieceOffset < 0) {
                pieceOffset = number;
            } else {
                sparse().add(pieceOffset, number);
                pieceOffset = -1;
            }
            at = end + 1;
        }
    }

    private SparseMap sparse() {
        if (sparse == null) {
            sparse = new SparseMap(describe);
        }
        return sparse;
    }

    /** Adopts values of a global header that this one does not set; only owners and times make sense there. */
    PaxRecords over(PaxRecords global) {
        global.records.forEach(records::putIfAbsent);
        return this;
    }

    /** @throws IOException if it says something that cannot hold for all entries */
    void checkGlobal() throws IOException {
        for (String key : records.keySet()) {
            if (!GLOBAL.contains(key)) {
                throw new IOException(describe + " gives one " + key + " to all entries that follow");
            }
        }
        boolean isSparse = sparse != null || pieceOffset >= 0 || isForeignSparse;
        if (!attributes.isEmpty() || hasForeignList || isSparse) {
            throw new IOException(describe + " gives all entries that follow the same "
                    + (isSparse ? "map of holes" : "extended attributes"));
        }
    }

    /** Returns what no header field holds; without records of their own, owners have the names in the header. */
    TarExtras extras(byte[] user, byte[] group) {
        return new TarExtras(
                attributes.all(),
                attributes.leftOut(),
                text(ACCESS_LIST, NONE),
                text(DEFAULT_LIST, NONE),
                hasForeignList,
                text("uname", user),
                text("gname", group));
    }

    private String text(String key, byte[] otherwise) {
        return new String(bytes(key, otherwise), StandardCharsets.UTF_8);
    }

    /**
     * The map of the formats 0.0 and 0.1 of sparse files, which is in the header; null of another file. One that is
     * nothing but a hole has no pieces.
     */
    @Nullable
    SparseMap sparseMap(String of) throws IOException {
        boolean isSparse = sparse != null || has(SPARSE_SIZE) || has(SPARSE_REAL_SIZE) || has(SPARSE_PIECES);
        if (!isSparse) {
            return null;
        }
        SparseMap map = sparse();
        long pieces = number(SPARSE_PIECES, () -> (long) map.pieces());
        if (pieces != map.pieces() || pieceOffset >= 0) {
            throw new IOException(of + " is a sparse file of " + pieces + " pieces, and its map has " + map.pieces()
                    + (pieceOffset >= 0 ? " and a half" : ""));
        }
        return map;
    }

    /** Returns how large a sparse file is. */
    long sparseSize(String of) throws IOException {
        return number(
                SPARSE_REAL_SIZE,
                () -> number(SPARSE_SIZE, () -> {
                    throw new IOException(of + " is a sparse file, and nothing says how large it is");
                }));
    }

    /** Returns whether holes are described in a form that is not read. */
    boolean isSparseByOthers() {
        return isForeignSparse;
    }

    /** Returns whether the content begins with a map: the format 1.0 of sparse files. */
    boolean isMapInContent() {
        byte[] major = records.get("GNU.sparse.major");
        return major != null && !(major.length == 1 && major[0] == '0');
    }

    boolean has(String key) {
        return bytes(key, NONE).length > 0;
    }

    byte[] bytes(String key, byte[] otherwise) {
        byte[] value = records.get(key);
        return value == null || value.length == 0 ? otherwise : value;
    }

    /** A field of the header, read only if no record replaces it. */
    @FunctionalInterface
    interface Field<T> {
        T value() throws IOException;
    }

    long number(String key, Field<Long> otherwise) throws IOException {
        byte[] value = records.get(key);
        return value == null || value.length == 0 ? otherwise.value() : number(value, key);
    }

    private long number(byte[] digits, String what) throws IOException {
        long value = 0;
        boolean good = digits.length > 0 && digits.length <= MAX_DIGITS;
        for (int i = 0; good && i < digits.length; i++) {
            good = digits[i] >= '0' && digits[i] <= '9';
            value = 10 * value + digits[i] - '0';
        }
        if (!good) {
            throw noNumber(what);
        }
        return value;
    }

    private IOException noNumber(String what) {
        return new IOException(
                describe + " is damaged: " + what + " is no number of at most " + MAX_DIGITS + " digits");
    }

    /** Seconds with a fraction, of which nanoseconds are kept, rounded towards the past. */
    Instant time(String key, Field<Instant> otherwise) throws IOException {
        byte[] value = records.get(key);
        if (value == null || value.length == 0) {
            return otherwise.value();
        }
        boolean negative = value[0] == '-';
        int from = negative ? 1 : 0;
        int point = indexOf(value, '.', from, value.length);
        long seconds = number(Arrays.copyOfRange(value, from, point < 0 ? value.length : point), key);
        if (seconds > Instant.MAX.getEpochSecond()) {
            throw noNumber(key);
        }
        long nanoseconds = 0;
        boolean more = false;
        for (int i = point < 0 ? value.length : point + 1, place = 100_000_000; i < value.length; i++, place /= 10) {
            if (value[i] < '0' || value[i] > '9') {
                throw noNumber(key);
            }
            nanoseconds += (long) place * (value[i] - '0');
            more |= place == 0 && value[i] != '0';
        }
        return negative
                ? Instant.ofEpochSecond(-seconds, -nanoseconds - (more ? 1 : 0))
                : Instant.ofEpochSecond(seconds, nanoseconds);
    }
}
