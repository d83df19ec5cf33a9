package dev.construir.run;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes what a job prints to a stream. */
final class OutputCopy {
    private OutputCopy() {}

    static void write(RunEvent.Output output, OutputStream out) {
        ByteBuffer bytes = output.bytes().duplicate();
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        try {
            if (output.droppedBefore() > 0) {
                out.write(("\n" + gap(output) + "\n").getBytes(StandardCharsets.UTF_8));
            }
            out.write(copy);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the line that stands where output was dropped. */
    static String gap(RunEvent.Output output) {
        return "[" + output.droppedBefore() + " bytes of output are left out here: it came too fast]";
    }
}
