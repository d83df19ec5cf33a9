package dev.construir.text;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/** Divides a stream of UTF-8 into lines. Decodes only whole lines, so that no character is split. For one thread. */
public final class LineSplitter {
    /** The longest piece, in bytes. */
    public static final int LONGEST = 16 << 10;

    private static final int LONGEST_CHARACTER = 4;

    private final Consumer<String> lines;
    private byte[] line = new byte[256];
    private int length;

    /**
     * Creates a splitter.
     *
     * @param lines receives the lines, without their ends
     */
    public LineSplitter(Consumer<String> lines) {
        this.lines = lines;
    }

    /**
     * Takes bytes.
     *
     * @param bytes the bytes; the position stays where it is
     */
    public void add(ByteBuffer bytes) {
        ByteBuffer rest = bytes.duplicate();
        while (rest.hasRemaining()) {
            byte next = rest.get();
            if (next == '\n') {
                int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
                pass(end, length);
            } else {
                append(next);
            }
        }
    }

    private void append(byte next) {
        if (length == LONGEST) {
            int whole = endOfWholeCharacters();
            pass(whole, whole);
        }
        if (length == line.length) {
            line = Arrays.copyOf(line, Math.min(LONGEST, 2 * length));
        }
        line[length++] = next;
    }

    // A byte 11xxxxxx begins a character of as many bytes as it has leading ones; 10xxxxxx continues one.
    private int endOfWholeCharacters() {
        for (int back = 1; back < LONGEST_CHARACTER; back++) {
            int unit = line[length - back] & 0xff;
            if ((unit & 0xc0) != 0x80) {
                int needed = Integer.numberOfLeadingZeros(~unit << 24);
                return needed > back && needed <= LONGEST_CHARACTER ? length - back : length;
            }
        }
        return length;
    }

    /** Passes on what has no line feed yet. */
    public void end() {
        if (length > 0) {
            pass(length, length);
        }
    }

    private void pass(int end, int consumed) {
        String text = new String(line, 0, end, StandardCharsets.UTF_8);
        System.arraycopy(line, consumed, line, 0, length - consumed);
        length -= consumed;
        lines.accept(text);
    }
}
