package dev.construir;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of data.
 *
 * <pre>{@code
 * DataSize size = DataSize.parse("512M");
 * }</pre>
 *
 * @param bytes the amount in bytes, not negative
 * @since 0.1
 */
public record DataSize(long bytes) implements Comparable<DataSize> {
    private static final String UNITS = "BKMGT";
    private static final Pattern TEXT = Pattern.compile("(\\d{1,18})([bkmgt]?)(?:i?b)?", Pattern.CASE_INSENSITIVE);

    /**
     * Creates an amount.
     *
     * @param bytes see {@link #bytes()}
     * @throws IllegalArgumentException if {@code bytes} is negative
     */
    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a data size cannot be negative: " + bytes + " bytes");
        }
    }

    /**
     * Returns an amount given in bytes.
     *
     * @param bytes the amount in bytes, not negative
     * @return the amount
     */
    public static DataSize ofBytes(long bytes) {
        return new DataSize(bytes);
    }

    /**
     * Returns an amount given in kibibytes of 1,024 bytes.
     *
     * @param kibibytes the amount, not negative
     * @return the amount
     * @throws ArithmeticException if it is beyond 2<sup>63</sup> bytes
     */
    public static DataSize ofKibibytes(long kibibytes) {
        return new DataSize(Math.multiplyExact(kibibytes, 1L << 10));
    }

    /**
     * Returns an amount given in mebibytes of 2<sup>20</sup> bytes.
     *
     * @param mebibytes the amount, not negative
     * @return the amount
     * @throws ArithmeticException if it is beyond 2<sup>63</sup> bytes
     */
    public static DataSize ofMebibytes(long mebibytes) {
        return new DataSize(Math.multiplyExact(mebibytes, 1L << 20));
    }

    /**
     * Returns an amount given in gibibytes of 2<sup>30</sup> bytes.
     *
     * @param gibibytes the amount, not negative
     * @return the amount
     * @throws ArithmeticException if it is beyond 2<sup>63</sup> bytes
     */
    public static DataSize ofGibibytes(long gibibytes) {
        return new DataSize(Math.multiplyExact(gibibytes, 1L << 30));
    }

    /**
     * Reads an amount as text: a whole number and a unit, {@code 512M}, {@code 1G}, {@code 4096}, {@code 2GiB}. Units
     * are powers of 1,024; without a unit the number counts bytes.
     *
     * @param text the amount
     * @return the amount
     * @throws IllegalArgumentException if the text is no such amount
     */
    public static DataSize parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "not a data size: \"" + text + "\"; write a whole number and a unit, for example 512M or 1G");
        }
        String unit = matcher.group(2).toUpperCase(Locale.ROOT);
        int power = unit.isEmpty() ? 0 : UNITS.indexOf(unit.charAt(0));
        try {
            return new DataSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << (10 * power)));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("a data size beyond 2^63 bytes: \"" + text + "\"", e);
        }
    }

    @Override
    public int compareTo(DataSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** Returns the amount in the largest unit that divides it, as {@link #parse} reads it: {@code 1536M}. */
    @Override
    public String toString() {
        int power = 0;
        long rest = bytes;
        while (rest != 0 && rest % 1024 == 0 && power < UNITS.length() - 1) {
            rest /= 1024;
            power++;
        }
        return power == 0 ? Long.toString(rest) : rest + String.valueOf(UNITS.charAt(power));
    }
}
