package dev.construir.examples.command;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Remembers that something could not be written, which print streams keep to themselves. A reader that went away does not count. */
final class WatchedOutput extends FilterOutputStream {
    private volatile @Nullable String failure;

    WatchedOutput(OutputStream out) {
        super(out);
    }

    /** Returns why something could not be written, or null if everything was. */
    @Nullable
    String failure() {
        return failure;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            if (!message.contains("Broken pipe")) {
                failure = message;
            }
            throw e;
        }
    }
}
