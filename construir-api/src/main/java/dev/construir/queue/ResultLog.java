package dev.construir.queue;

import dev.construir.DiskFormatException;
import dev.construir.disk.read.DiskReader;
import dev.construir.run.JobResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.util.Optional;

/** What a job printed, as it becomes a file of the result. */
final class ResultLog {
    private static final String LOG_ON_DISK = "/construir.log";

    private ResultLog() {}

    /**
     * Copies the guest's log, as far as it can be read and up to the limit of output. Without one, writes what the
     * machine reported.
     */
    static void write(JobResult result, OutputStream out) throws IOException {
        Optional<DiskReader> disk = result.diskFile().isPresent() ? disk(result) : Optional.empty();
        if (disk.isEmpty()) {
            result.output().writeTo(out);
            return;
        }
        try (DiskReader reader = disk.get()) {
            Optional<InputStream> log = log(reader);
            if (log.isPresent()) {
                copy(log.get(), out, result.job().limits().output().bytes());
            } else {
                result.output().writeTo(out);
            }
        }
    }

    private static Optional<DiskReader> disk(JobResult result) throws IOException {
        try {
            return Optional.of(result.files());
        } catch (
                @SuppressWarnings("unused")
                DiskFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<InputStream> log(DiskReader disk) throws IOException {
        try {
            return Optional.of(disk.open(LOG_ON_DISK));
        } catch (@SuppressWarnings("unused") FileSystemException | DiskFormatException e) {
            return Optional.empty(); // missing, or no file
        }
    }

    private static void copy(InputStream log, OutputStream out, long most) throws IOException {
        byte[] chunk = new byte[1 << 16];
        long left = most;
        for (int n = read(log, chunk); n > 0 && left > 0; n = read(log, chunk)) {
            int taken = (int) Math.min(n, left);
            out.write(chunk, 0, taken);
            left -= taken;
        }
    }

    private static int read(InputStream log, byte[] chunk) throws IOException {
        try {
            return log.read(chunk);
        } catch (
                @SuppressWarnings("unused")
                DiskFormatException e) {
            return -1; // damaged from here on
        }
    }
}
