package dev.construir.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;

/** Puts checksums right, so that what a fuzzer changed gets further than to them. */
final class Seals {
    private static final int BLOCK = 512;
    private static final int CHECKSUM = 148;
    private static final int MAGIC = 257;
    private static final byte[] USTAR = "ustar".getBytes(StandardCharsets.US_ASCII);
    private static final int ENDS = 12; // the size of an xz stream's header, and of its footer

    private Seals() {}

    /** Of what looks like a header of an archive. */
    static byte[] tar(byte[] bytes) {
        byte[] sealed = bytes.clone();
        for (int at = 0; at + BLOCK <= sealed.length; at += BLOCK) {
            if (Arrays.equals(sealed, at + MAGIC, at + MAGIC + USTAR.length, USTAR, 0, USTAR.length)) {
                Arrays.fill(sealed, at + CHECKSUM, at + CHECKSUM + 8, (byte) ' ');
                int sum = 0;
                for (int i = at; i < at + BLOCK; i++) {
                    sum += sealed[i] & 0xff;
                }
                byte[] octal = String.format("%06o\0", sum).getBytes(StandardCharsets.US_ASCII);
                System.arraycopy(octal, 0, sealed, at + CHECKSUM, octal.length);
            }
        }
        return sealed;
    }

    /** Of the first stream's header and its first block's, and of the last one's index and footer. */
    static byte[] xz(byte[] bytes) {
        byte[] sealed = bytes.clone();
        int footer = sealed.length - ENDS;
        if (footer <= 2 * ENDS) {
            return sealed;
        }
        ByteBuffer words = ByteBuffer.wrap(sealed).order(ByteOrder.LITTLE_ENDIAN);
        seal(words, 6, 2, 8);
        int header = ((sealed[ENDS] & 0xff) + 1) * 4;
        if (ENDS + header <= footer) {
            seal(words, ENDS, header - 4, ENDS + header - 4);
        }
        long index = (Integer.toUnsignedLong(words.getInt(footer + 4)) + 1) * 4;
        if (index > 4 && index <= footer - ENDS) {
            seal(words, footer - (int) index, (int) index - 4, footer - 4);
        }
        seal(words, footer + 4, 6, footer);
        return sealed;
    }

    private static void seal(ByteBuffer words, int from, int length, int at) {
        CRC32 crc = new CRC32();
        crc.update(words.slice(from, length));
        words.putInt(at, (int) crc.getValue());
    }
}
