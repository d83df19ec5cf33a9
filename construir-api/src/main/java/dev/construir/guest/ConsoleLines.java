package dev.construir.guest;

import dev.construir.machine.MachineSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Finds the guest's own lines in what the console prints. They are hints for clocks and events, never the source of an
 * outcome: a job that forges them can only have itself killed. Not safe for use by many threads.
 */
public final class ConsoleLines {
    /** What a line of the guest says. */
    public enum Word {
        /** The guest is up and looks for its job disk. */
        READY,
        /** The job starts. */
        STARTED,
        /** The job has ended and its status is on the disk. */
        ENDED
    }

    private static final int MAX_LINE = 64;

    private final String serial;
    private final Consumer<Word> listener;
    private final byte[] line = new byte[MAX_LINE];
    private int length;

    /**
     * Creates a scanner.
     *
     * @param serial the serial of this run's disk, which the lines about the job must name
     * @param listener receives every such line
     */
    public ConsoleLines(String serial, Consumer<Word> listener) {
        this.serial = serial;
        this.listener = listener;
    }

    /**
     * Looks at the next bytes of the console.
     *
     * @param bytes the bytes, read to their end
     */
    public void scan(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            byte b = bytes.get();
            if (b == '\n') {
                if (length <= MAX_LINE) {
                    end(new String(line, 0, length, StandardCharsets.ISO_8859_1));
                }
                length = 0;
            } else if (b != '\r') {
                if (length < MAX_LINE) {
                    line[length] = b;
                }
                length = Math.min(length + 1, MAX_LINE + 1); // too long a line is none of ours
            }
        }
    }

    private void end(String text) {
        if (text.equals(MachineSpec.READY_LINE)) {
            listener.accept(Word.READY);
        } else if (text.equals("construir: started " + serial)) {
            listener.accept(Word.STARTED);
        } else if (text.equals("construir: ended " + serial)) {
            listener.accept(Word.ENDED);
        }
    }
}
