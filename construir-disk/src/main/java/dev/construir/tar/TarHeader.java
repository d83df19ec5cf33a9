package dev.construir.tar;

import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;

/** The fields of one block of 512 bytes that begins an entry. */
final class TarHeader {
    static final int SIZE = 512;

    private static final int CHECKSUM = 148;
    private static final int CHECKSUM_END = 156;
    private static final int PREFIX = 345;
    private static final byte[] USTAR = {'u', 's', 't', 'a', 'r', 0};
    /** What POSIX's and GNU's headers have in common. */
    private static final byte[] MARK = {'u', 's', 't', 'a', 'r'};

    private static final int MARK_AT = 257;

    private final byte[] block;
    private final long offset;

    private TarHeader(byte[] block, long offset) {
        this.block = block;
        this.offset = offset;
    }

    /** @throws IOException if it is no header, by its checksum */
    static TarHeader of(byte[] block, long offset) throws IOException {
        TarHeader header = new TarHeader(block, offset);
        long said = header.number(CHECKSUM, CHECKSUM_END - CHECKSUM, "checksum");
        if (said != sum(block, true) && said != sum(block, false)) {
            throw new IOException("no tar archive, or a damaged one: the header at byte " + offset
                    + " has the checksum " + said + ", and its bytes sum up to " + sum(block, true));
        }
        return header;
    }

    /** Returns whether a block is a header, by its checksum. */
    static boolean isHeader(byte[] block) {
        try {
            return !isZero(block) && of(block, 0).block == block;
        } catch (IOException e) {
            return false;
        }
    }

    /** Adds up all bytes but the checksum; some old programs added signed bytes. */
    private static long sum(byte[] block, boolean unsigned) {
        long sum = 0;
        for (int i = 0; i < SIZE; i++) {
            byte b = i >= CHECKSUM && i < CHECKSUM_END ? (byte) ' ' : block[i];
            sum += unsigned ? b & 0xff : b;
        }
        return sum;
    }

    static boolean hasMark(byte[] block) {
        return isMarked(block, MARK);
    }

    private static boolean isMarked(byte[] block, byte[] mark) {
        return Arrays.equals(block, MARK_AT, MARK_AT + mark.length, mark, 0, mark.length);
    }

    static boolean isZero(byte[] block) {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    long offset() {
        return offset;
    }

    char type() {
        return (char) (block[156] & 0xff);
    }

    /** The name, behind the prefix that POSIX's format has room for. */
    byte[] name() {
        byte[] name = text(0, 100);
        if (!isMarked(USTAR) || block[PREFIX] == 0) {
            return name;
        }
        byte[] prefix = text(PREFIX, 155);
        byte[] whole = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
        whole[prefix.length] = '/';
        System.arraycopy(name, 0, whole, prefix.length + 1, name.length);
        return whole;
    }

    private boolean isMarked(byte[] mark) {
        return isMarked(block, mark);
    }

    /** Returns whether star wrote it in its own form, which has other fields behind the name's prefix. */
    boolean isStars() {
        return block[508] == 't' && block[509] == 'a' && block[510] == 'r' && block[511] == 0;
    }

    byte[] user() {
        return isMarked(MARK) ? text(265, 32) : new byte[0];
    }

    byte[] group() {
        return isMarked(MARK) ? text(297, 32) : new byte[0];
    }

    long major() throws IOException {
        return isMarked(MARK) ? number(329, 8, "device number") : 0;
    }

    long minor() throws IOException {
        return isMarked(MARK) ? number(337, 8, "device number") : 0;
    }

    byte[] target() {
        return text(157, 100);
    }

    int mode() throws IOException {
        return (int) number(100, 8, "mode") & 07777;
    }

    long uid() throws IOException {
        return number(108, 8, "owner");
    }

    long gid() throws IOException {
        return number(116, 8, "group");
    }

    long size() throws IOException {
        return number(124, 12, "size");
    }

    Instant modified() throws IOException {
        long seconds = number(136, 12, "time");
        if (seconds < Instant.MIN.getEpochSecond() || seconds > Instant.MAX.getEpochSecond()) {
            throw new IOException("the header at byte " + offset + " of the archive has the time " + seconds
                    + " seconds from 1970, which no calendar knows");
        }
        return Instant.ofEpochSecond(seconds);
    }

    /** The size of a sparse file of GNU's old format. */
    long realSize() throws IOException {
        return number(483, 12, "size");
    }

    /** Reads the part of an old GNU sparse map that is in the header; returns whether the map continues. */
    boolean addTo(SparseMap map) throws IOException {
        addTo(map, 386, 4);
        return block[482] != 0;
    }

    /** Reads the part of such a map in a block after the header. */
    static boolean addTo(SparseMap map, byte[] more, long offset) throws IOException {
        new TarHeader(more, offset).addTo(map, 0, 21);
        return more[504] != 0;
    }

    private void addTo(SparseMap map, int at, int entries) throws IOException {
        for (int i = 0; i < entries && block[at + 24 * i] != 0; i++) {
            map.add(number(at + 24 * i, 12, "sparse map"), number(at + 24 * i + 12, 12, "sparse map"));
        }
    }

    private byte[] text(int at, int length) {
        int end = at;
        while (end < at + length && block[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(block, at, end);
    }

    /** Octal digits between blanks or NULs, or, if the first bit is set, a number in base 256 of two's complement. */
    private long number(int at, int length, String what) throws IOException {
        if (block[at] < 0) {
            return binary(at, length, what);
        }
        int from = at;
        int end = at + length;
        while (from < end && (block[from] == ' ' || block[from] == 0)) {
            from++;
        }
        long value = 0;
        int i = from;
        for (; i < end && block[i] >= '0' && block[i] <= '7'; i++) {
            value = (value << 3) | (block[i] - '0'); // 12 digits have 36 bits
        }
        for (; i < end; i++) {
            if (block[i] != ' ' && block[i] != 0) {
                throw noNumber(what);
            }
        }
        return value;
    }

    private long binary(int at, int length, String what) throws IOException {
        // The first bit is only the mark; the next one is the sign.
        long value = (long) block[at] << 57 >> 57;
        for (int i = at + 1; i < at + length; i++) {
            if (value != value << 8 >> 8) {
                throw noNumber(what);
            }
            value = (value << 8) | (block[i] & 0xff);
        }
        return value;
    }

    private IOException noNumber(String what) {
        return new IOException("the header at byte " + offset + " of the archive has a " + what + " that is no number");
    }
}
