package dev.construir.xz;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The CRC-64 of section 6 of the format's description, eight bytes at a time. */
final class Crc64 {
    static final long START = -1;

    private static final long REVERSED_POLYNOMIAL = 0xc96c_5795_d787_0f42L;
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** What a byte adds that has so many bytes behind it. */
    private static final long[][] TABLES = tables();

    private Crc64() {}

    private static long[][] tables() {
        long[][] tables = new long[Long.BYTES][1 << Byte.SIZE];
        for (int value = 0; value < tables[0].length; value++) {
            long crc = value;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = (crc >>> 1) ^ ((crc & 1) != 0 ? REVERSED_POLYNOMIAL : 0);
            }
            tables[0][value] = crc;
        }
        for (int behind = 1; behind < tables.length; behind++) {
            for (int value = 0; value < tables[0].length; value++) {
                long crc = tables[behind - 1][value];
                tables[behind][value] = (crc >>> Byte.SIZE) ^ tables[0][(int) crc & 0xff];
            }
        }
        return tables;
    }

    static long of(byte[] bytes, int length) {
        return ~update(START, bytes, length);
    }

    /** Goes on over more bytes; in the end, all bits are to be inverted. */
    static long update(long state, byte[] bytes, int length) {
        long crc = state;
        int at = 0;
        for (; at <= length - Long.BYTES; at += Long.BYTES) {
            crc ^= (long) WORDS.get(bytes, at);
            crc = TABLES[7][(int) crc & 0xff]
                    ^ TABLES[6][(int) (crc >>> 8) & 0xff]
                    ^ TABLES[5][(int) (crc >>> 16) & 0xff]
                    ^ TABLES[4][(int) (crc >>> 24) & 0xff]
                    ^ TABLES[3][(int) (crc >>> 32) & 0xff]
                    ^ TABLES[2][(int) (crc >>> 40) & 0xff]
                    ^ TABLES[1][(int) (crc >>> 48) & 0xff]
                    ^ TABLES[0][(int) (crc >>> 56)];
        }
        for (; at < length; at++) {
            crc = (crc >>> Byte.SIZE) ^ TABLES[0][(int) (crc ^ bytes[at]) & 0xff];
        }
        return crc;
    }
}
