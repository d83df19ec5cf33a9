package dev.construir.run;

import dev.construir.DataSize;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.read.DiskReader;
import dev.construir.text.TerminalSafeExcerpt;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;

/** Reads small text files that a job left. */
final class ResultText {
    private static final DataSize LARGEST = DataSize.ofMebibytes(16);

    private ResultText() {}

    static String read(JobResult result, String path) throws IOException {
        DiskReader disk = result.files();
        DiskEntry file = disk.follow(path);
        if (file.kind() != DiskEntry.Kind.FILE) {
            throw new NoSuchFileException(path, null, "it is no regular file");
        }
        if (file.size() > LARGEST.bytes()) {
            throw new IOException(TerminalSafeExcerpt.of(path) + " of job "
                    + TerminalSafeExcerpt.of(result.job().name()) + " has " + file.size() + " bytes"
                    + ", and text() reads at most " + LARGEST + "; read it by files().open(path)");
        }
        try (InputStream in = disk.open(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
