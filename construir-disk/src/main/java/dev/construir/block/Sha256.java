package dev.construir.block;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256 (FIPS 180-4) of bytes as they come. For one thread. */
public final class Sha256 {
    private final MessageDigest digest = digest();

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * Takes the next bytes.
     *
     * @param bytes where they are
     * @param at where they begin in it
     * @param length how many there are
     */
    public void update(byte[] bytes, int at, int length) {
        digest.update(bytes, at, length);
    }

    /**
     * Takes a text: the number of its bytes, as four bytes with the highest first, and the bytes in UTF-8. So no two
     * lists of texts are the same.
     *
     * @param text the text
     */
    public void updateText(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        digest.update(bytes);
    }

    /**
     * Takes a number, as eight bytes with the highest first.
     *
     * @param number the number
     */
    public void updateNumber(long number) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
    }

    /**
     * Ends it.
     *
     * @return 64 lower-case hexadecimal digits
     */
    public String finish() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
