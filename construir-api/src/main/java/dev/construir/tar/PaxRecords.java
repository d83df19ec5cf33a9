package dev.construir.tar;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a pax header says of the entries it precedes, as far as it is of use here. */
final class PaxRecords {
    private static final String EXTENDED = "SCHILY.xattr.";
    /** Headers follow each other without end, if a stranger wrote them, and all hold for one entry. */
    private static final int MAX_EXTENDED = 1 << 20;

    private static final int MAX_DIGITS = 18;

    private final Map<String, byte[]> records = new HashMap<>();
    private final Map<String, byte[]> extended = new LinkedHashMap<>();
    private @Nullable SparseMap sparse;
    private long pieceOffset = -1;
    private int extendedBytes;
    private String describe = "the archive";

    /** Reads the records of a header. */
    void read(byte[] bytes, long offset) throws IOException {
        describe = "the pax header at byte " + offset + " of the archive";
        int at = 0;
        while (at < bytes.length && bytes[at] != 0) {
            int blank = indexOf(bytes, ' ', at, Math.min(bytes.length, at + MAX_DIGITS));
            long length = blank < 0 ? -1 : number(Arrays.copyOfRange(bytes, at, blank), "a record's length");
            if (length <= blank - at || length > bytes.length - at || bytes[at + (int) length - 1] != '\n') {
                throw new IOException(describe + " is damaged: its record at " + at + " has no right length");
            }
            int end = at + (int) length;
            int equals = indexOf(bytes, '=', blank + 1, end);
            if (equals < 0) {
                throw new IOException(describe + " is damaged: its record at " + at + " has no key");
            }
            put(
                    new String(bytes, blank + 1, equals - blank - 1, StandardCharsets.UTF_8),
                    Arrays.copyOfRange(bytes, equals + 1, end - 1));
            at = end;
        }
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
        if (key.startsWith(EXTENDED)) {
            extendedBytes += key.length() + value.length;
            if (extendedBytes > MAX_EXTENDED) {
                throw new IOException(describe + " gives an entry too many extended attributes; at most " + MAX_EXTENDED
                        + " bytes of them are read");
            }
            extended.put(key.substring(EXTENDED.length()), value);
            return;
        }
        switch (key) {
            case "path", "linkpath", "size", "uid", "gid", "mtime" -> records.put(key, value);
            case "GNU.sparse.major",
                    "GNU.sparse.minor",
                    "GNU.sparse.name",
                    "GNU.sparse.size",
                    "GNU.sparse.realsize",
                    "GNU.sparse.numblocks" -> records.put(key, value);
            case "GNU.sparse.map" -> readMap(value);
            case "GNU.sparse.offset" -> pieceOffset = number(value, key);
            case "GNU.sparse.numbytes" -> {
                sparse().add(pieceOffset, number(value, key));
                pieceOffset = -1;
            }
            default -> {} // names of owners, times of access, comments and what else there is
        }
    }

    private void readMap(byte[] value) throws IOException {
        long offset = -1;
        for (int at = 0; at < value.length; ) {
            int comma = indexOf(value, ',', at, value.length);
            int end = comma < 0 ? value.length : comma;
            long number = number(Arrays.copyOfRange(value, at, end), "GNU.sparse.map");
            if (offset < 0) {
                offset = number;
            } else {
                sparse().add(offset, number);
                offset = -1;
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

    /** Takes over what a header for all entries says, where this one says nothing; only owners and times make sense there. */
    PaxRecords over(PaxRecords global) {
        global.records.forEach(records::putIfAbsent);
        return this;
    }

    /** @throws IOException if it says something that cannot hold for all entries */
    void checkGlobal() throws IOException {
        for (String key : records.keySet()) {
            if (!key.equals("uid") && !key.equals("gid") && !key.equals("mtime")) {
                throw new IOException(describe + " gives one " + key + " to all entries that follow");
            }
        }
        if (!extended.isEmpty() || sparse != null) {
            throw new IOException(describe + " gives all entries that follow the same "
                    + (sparse == null ? "extended attributes" : "map of holes"));
        }
    }

    Map<String, byte[]> extended() {
        return extended;
    }

    /** The map of the formats 0.0 and 0.1 of sparse files, which stands in the header. */
    @Nullable
    SparseMap sparseMap() {
        return sparse;
    }

    /** Tells whether the content begins with a map: the format 1.0 of sparse files. */
    boolean isMapInContent() {
        byte[] major = records.get("GNU.sparse.major");
        return major != null && !(major.length == 1 && major[0] == '0');
    }

    byte[] bytes(String key, byte[] otherwise) {
        byte[] value = records.get(key);
        return value == null || value.length == 0 ? otherwise : value;
    }

    long number(String key, long otherwise) throws IOException {
        byte[] value = records.get(key);
        return value == null || value.length == 0 ? otherwise : number(value, key);
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
    Instant time(String key, Instant otherwise) throws IOException {
        byte[] value = records.get(key);
        if (value == null || value.length == 0) {
            return otherwise;
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
