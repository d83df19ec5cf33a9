package dev.construir.terminal;

import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/**
 * Remembers that something could not be written, which print streams do not report. A reader that went away does not
 * count: that has its own exception.
 */
public final class WatchedOutput extends FilterOutputStream {
    private volatile @Nullable String failure;

    public WatchedOutput(OutputStream out) {
        super(out);
    }

    /** The text of an error is in the host's language; but a write to a pipe fails only when its reader is gone. */
    private static boolean isPipe() {
        try {
            String stdout =
                    Files.readSymbolicLink(InheritedDescriptors.stdoutLink()).toString();
            return stdout.startsWith("pipe:") || stdout.startsWith("socket:");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** Returns why something could not be written, or null if everything was. */
    @Nullable
    public String failure() {
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
            if (message.contains("Broken pipe") || (out instanceof FileOutputStream && isPipe())) {
                throw new ReaderGoneException(e);
            }
            StdoutException failed = new StdoutException(e);
            failure = failed.getMessage();
            throw failed;
        }
    }
}
