package dev.construir.run;

import dev.construir.text.TailBuffer;
import dev.construir.text.TerminalSafeExcerpt;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The beginning and the end of what a machine printed: at most 64 KiB of each. Immutable.
 *
 * @since 0.1
 */
public final class OutputTail {
    /** Nothing was printed. */
    public static final OutputTail EMPTY = OutputTail.of(new byte[0], new byte[0], 0);

    private static final int LONGEST_WORDS = 16 << 10; // users read it, and logs keep it

    private final byte[] head;
    private final byte[] tail;
    private final long total;

    private OutputTail(byte[] head, byte[] tail, long total) {
        this.head = head;
        this.tail = tail;
        this.total = total;
    }

    /**
     * Returns the ends of what was printed.
     *
     * @param head the first bytes
     * @param tail the last bytes, without those in the head
     * @param total how much was printed in all
     * @return the output
     * @throws IllegalArgumentException if the total is less than what is given
     */
    public static OutputTail of(byte[] head, byte[] tail, long total) {
        if (total < head.length + tail.length) {
            throw new IllegalArgumentException(
                    total + " bytes were printed, and " + (head.length + tail.length) + " of them are kept");
        }
        return new OutputTail(head.clone(), tail.clone(), total);
    }

    static OutputTail of(TailBuffer buffer) {
        TailBuffer.Kept kept = buffer.kept();
        return new OutputTail(kept.head(), kept.tail(), kept.total());
    }

    /**
     * Returns the first bytes.
     *
     * @return a copy, at most 64 KiB
     */
    public byte[] head() {
        return head.clone();
    }

    /**
     * Returns the last bytes, without those that are in the head.
     *
     * @return a copy, at most 64 KiB
     */
    public byte[] tail() {
        return tail.clone();
    }

    /**
     * Returns how much was printed.
     *
     * @return the number of bytes
     */
    public long total() {
        return total;
    }

    /**
     * Returns whether something between head and tail is missing.
     *
     * @return whether it is
     */
    public boolean isTruncated() {
        return total > head.length + tail.length;
    }

    /**
     * Returns the whole as text: head and tail with a line between them that says what was left out. Bytes that are no
     * UTF-8 become U+FFFD. The guest chose the text, so beware of terminal escapes.
     *
     * @return the text
     */
    public String text() {
        if (!isTruncated()) {
            byte[] all = new byte[head.length + tail.length];
            System.arraycopy(head, 0, all, 0, head.length);
            System.arraycopy(tail, 0, all, head.length, tail.length);
            return new String(all, StandardCharsets.UTF_8);
        }
        return new String(head, StandardCharsets.UTF_8) + gap() + new String(tail, StandardCharsets.UTF_8);
    }

    /**
     * Writes the whole as the guest wrote it: head and tail with a line between them that says what was left out.
     *
     * @param out where it goes
     * @throws IOException if it cannot be written
     */
    public void writeTo(OutputStream out) throws IOException {
        out.write(head);
        if (isTruncated()) {
            out.write(gap().getBytes(StandardCharsets.US_ASCII));
        }
        out.write(tail);
    }

    private String gap() {
        return "\n[... " + (total - head.length - tail.length) + " bytes left out ...]\n";
    }

    /**
     * Returns the last lines of the text, safe to show: without terminal sequences, control characters, and characters
     * that reorder or hide text.
     *
     * @return at most 20 lines of at most 200 characters, none of them blank
     */
    public List<String> excerpt() {
        return lastWords().lines();
    }

    TerminalSafeExcerpt lastWords() {
        return TerminalSafeExcerpt.of(text());
    }

    /**
     * Returns the last lines of the text, or less of them if they are long: no more than their last 16,384 characters,
     * after {@code ...}.
     *
     * @param count how many lines at most, positive
     * @return the lines, without a line break at the end
     */
    public String lastLines(int count) {
        String text = text().stripTrailing();
        int from = text.length();
        for (int i = 0; i < count && from >= 0; i++) {
            from = text.lastIndexOf('\n', from - 1);
        }
        String lines = text.substring(from + 1);
        return lines.length() <= LONGEST_WORDS ? lines : "..." + lines.substring(lines.length() - LONGEST_WORDS);
    }

    /** Returns how much was printed. */
    @Override
    public String toString() {
        return total + " bytes" + (isTruncated() ? ", of which the beginning and the end are kept" : "");
    }
}
