package dev.construir.ext;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * The hash by which directories are indexed: half MD4 over the bytes of a name as signed characters, started with a
 * seed of the file system's. It follows the Linux kernel's {@code Documentation/filesystems/ext4/directory.rst}.
 * Immutable.
 */
public final class DirectoryHash {
    /** The bit that no hash has: in an index it says that the block goes on with the hash the one before ends with. */
    public static final int CONTINUED = 1;

    /** Its number in a superblock and in an index. */
    static final int HALF_MD4 = 1;
    /** No name hashes to this: it ends a listing in hash order. */
    private static final int END = 0xffff_fffe;

    private static final int CHUNK = 32;
    private static final int K2 = 0x5a82_7999;
    private static final int K3 = 0x6ed9_eba1;

    private final int[] start;

    private DirectoryHash(int[] start) {
        this.start = start;
    }

    /**
     * Returns the hash of a file system.
     *
     * @param seed the seed in its superblock; all zeros stand for the start of MD4
     * @return the hash
     */
    public static DirectoryHash of(UUID seed) {
        if (seed.getMostSignificantBits() == 0 && seed.getLeastSignificantBits() == 0) {
            return new DirectoryHash(new int[] {0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476});
        }
        ByteBuffer bytes = ByteBuffer.allocate(16)
                .putLong(seed.getMostSignificantBits())
                .putLong(seed.getLeastSignificantBits())
                .order(ByteOrder.LITTLE_ENDIAN);
        return new DirectoryHash(new int[] {bytes.getInt(0), bytes.getInt(4), bytes.getInt(8), bytes.getInt(12)});
    }

    /**
     * Hashes a name.
     *
     * @param name where the name is
     * @param from where it begins
     * @param length its length in bytes
     * @return the hash, in an index compared as unsigned; without {@link #CONTINUED}
     */
    public int of(byte[] name, int from, int length) {
        int[] state = start.clone();
        int[] words = new int[CHUNK / Integer.BYTES];
        for (int at = 0; at < length; at += CHUNK) {
            pack(name, from + at, length - at, words);
            mix(state, words);
        }
        int hash = state[1] & ~CONTINUED;
        return hash == END ? END - 2 : hash;
    }

    /** Packs up to 32 characters into 32-bit words, padded with the number of characters left. */
    private static void pack(byte[] name, int from, int left, int[] words) {
        int padding = left | left << 8;
        padding |= padding << 16;
        int characters = Math.min(left, CHUNK);
        int at = 0;
        for (int word = 0; word < words.length; word++) {
            int value = padding;
            for (int end = Math.min(at + Integer.BYTES, characters); at < end; at++) {
                value = name[from + at] + (value << 8);
            }
            words[word] = value;
        }
    }

    private static void mix(int[] state, int[] in) {
        int a = state[0];
        int b = state[1];
        int c = state[2];
        int d = state[3];
        for (int i = 0; i < 8; i += 4) {
            a = Integer.rotateLeft(a + choice(b, c, d) + in[i], 3);
            d = Integer.rotateLeft(d + choice(a, b, c) + in[i + 1], 7);
            c = Integer.rotateLeft(c + choice(d, a, b) + in[i + 2], 11);
            b = Integer.rotateLeft(b + choice(c, d, a) + in[i + 3], 19);
        }
        for (int i = 1; i >= 0; i--) {
            a = Integer.rotateLeft(a + majority(b, c, d) + in[i] + K2, 3);
            d = Integer.rotateLeft(d + majority(a, b, c) + in[i + 2] + K2, 5);
            c = Integer.rotateLeft(c + majority(d, a, b) + in[i + 4] + K2, 9);
            b = Integer.rotateLeft(b + majority(c, d, a) + in[i + 6] + K2, 13);
        }
        for (int i = 3; i >= 1; i -= 2) {
            a = Integer.rotateLeft(a + (b ^ c ^ d) + in[i] + K3, 3);
            d = Integer.rotateLeft(d + (a ^ b ^ c) + in[i + 4] + K3, 9);
            c = Integer.rotateLeft(c + (d ^ a ^ b) + in[i - 1] + K3, 11);
            b = Integer.rotateLeft(b + (c ^ d ^ a) + in[i + 3] + K3, 15);
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }

    private static int choice(int x, int y, int z) {
        return z ^ (x & (y ^ z));
    }

    /** Two of three, as the sum that MD4 was given for it. */
    private static int majority(int x, int y, int z) {
        return (x & y) + ((x ^ y) & z);
    }
}
