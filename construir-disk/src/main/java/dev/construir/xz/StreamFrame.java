package dev.construir.xz;

import dev.construir.DiskFormatException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;

/** What stands before and behind the blocks of a stream: header, index and footer (sections 2.1, 4 and 2.1.2). */
final class StreamFrame {
    /** The size of a header, and of a footer. */
    static final int SIZE = 12;
    /** Everything stands at a multiple of it. */
    static final int ALIGNMENT = 4;

    private static final byte[] HEADER_MAGIC = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0};
    private static final byte[] FOOTER_MAGIC = {'Y', 'Z'};
    private static final int FLAGS_IN_HEADER = 6;
    private static final int FLAGS_IN_FOOTER = 8;
    private static final int FLAGS_SIZE = 2;

    private StreamFrame() {}

    /** Returns the first multiple of four that is not smaller. */
    static long aligned(long size) {
        return (size + ALIGNMENT - 1) & -ALIGNMENT;
    }

    static byte[] header(Check check) {
        ByteBuffer header = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        header.put(HEADER_MAGIC).put((byte) 0).put((byte) check.id());
        return header.putInt(crc(header.array(), FLAGS_IN_HEADER, FLAGS_SIZE)).array();
    }

    /** Returns whether a file begins as one of this format does. */
    static boolean hasMagic(byte[] header) {
        return Arrays.equals(header, 0, HEADER_MAGIC.length, HEADER_MAGIC, 0, HEADER_MAGIC.length);
    }

    /** Reads a header. */
    static Check check(byte[] header, long at) throws DiskFormatException {
        if (!hasMagic(header)
                || intAt(header, FLAGS_IN_HEADER + FLAGS_SIZE) != crc(header, FLAGS_IN_HEADER, FLAGS_SIZE)) {
            throw damaged("stream header", at);
        }
        return flags(header, FLAGS_IN_HEADER);
    }

    static byte[] footer(Check check, long indexSize) {
        ByteBuffer footer = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        footer.putInt(4, (int) (indexSize / ALIGNMENT - 1)).put(9, (byte) check.id());
        footer.put(10, FOOTER_MAGIC[0]).put(11, FOOTER_MAGIC[1]);
        return footer.putInt(0, crc(footer.array(), 4, 6)).array();
    }

    /**
     * What a footer says.
     *
     * @param check the check of all blocks of the stream
     * @param indexSize the size of the index before it, in bytes
     */
    record Footer(Check check, long indexSize) {}

    static boolean hasFooterMagic(byte[] footer) {
        return Arrays.equals(footer, SIZE - FOOTER_MAGIC.length, SIZE, FOOTER_MAGIC, 0, FOOTER_MAGIC.length);
    }

    /** Reads a footer. */
    static Footer footer(byte[] footer, long at) throws DiskFormatException {
        if (!hasFooterMagic(footer) || intAt(footer, 0) != crc(footer, 4, 6)) {
            throw damaged("stream footer", at);
        }
        long indexSize = (Integer.toUnsignedLong(intAt(footer, 4)) + 1) * ALIGNMENT;
        return new Footer(flags(footer, FLAGS_IN_FOOTER), indexSize);
    }

    /**
     * Makes an index.
     *
     * @param count how many blocks there are
     * @param records the two sizes of each block, as {@link #putNumber} writes them
     */
    static byte[] index(long count, byte[] records) {
        ByteArrayOutputStream index = new ByteArrayOutputStream(records.length + 2 * SIZE);
        index.write(0);
        putNumber(index, count);
        index.writeBytes(records);
        index.writeBytes(new byte[(int) (aligned(index.size()) - index.size())]);
        int crc = crc(index.toByteArray(), 0, index.size());
        index.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(crc)
                .array());
        return index.toByteArray();
    }

    /** Writes a number of as many bytes as it needs, seven bits in each (section 1.2). */
    static void putNumber(ByteArrayOutputStream out, long number) {
        long rest = number;
        while (rest > 0x7f) {
            out.write((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    static int crc(byte[] bytes, int from, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    static DiskFormatException damaged(String what, long at) {
        return new DiskFormatException(
                "the " + what + " at byte " + at + " of an .xz file is damaged; xz -t tells whether the file is whole");
    }

    private static Check flags(byte[] bytes, int at) throws DiskFormatException {
        if (bytes[at] != 0 || (bytes[at + 1] & 0xf0) != 0) {
            throw new DiskFormatException("an .xz file with features that are not known here (stream flags "
                    + (bytes[at] & 0xff) + " " + (bytes[at + 1] & 0xff) + "); unpack it by: xz -dk");
        }
        return Check.of(bytes[at + 1]);
    }

    private static int intAt(byte[] bytes, int at) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
    }
}
