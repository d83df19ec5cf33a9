package dev.construir.guest;

import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.edit.DiskEditor;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.DiskContent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * The file on a job disk that asks the guest to serve its sandbox channel ({@code docs/reference/sandbox-channel.md}).
 */
public enum SandboxRequest {
    /** In place of a job. */
    SANDBOX("sandbox"),
    /** After a job that did not succeed. */
    ON_FAILURE("on-failure");

    /** Where the file is. */
    public static final String PATH = "/construir.sandbox";

    private static final int LONGEST_LINE = 32;

    private final String line;

    SandboxRequest(String line) {
        this.line = line;
    }

    /**
     * Returns the file.
     *
     * @return writes it to a disk
     */
    public DiskContent file() {
        return disk -> disk.file(PATH, line + "\n");
    }

    /**
     * Adds the file to a disk that there is.
     *
     * @param disk the disk, which does not have it
     * @throws IOException if it cannot be written
     */
    public void addTo(DiskEditor disk) throws IOException {
        byte[] content = (line + "\n").getBytes(StandardCharsets.US_ASCII);
        disk.file(PATH, Attributes.ofRoot(0644, Instant.EPOCH), content.length, new ByteArrayInputStream(content));
    }

    /**
     * Returns whether a disk asks for a sandbox in place of a job.
     *
     * @param disk the disk
     * @return whether it does
     * @throws IOException if it cannot be read
     */
    public static boolean isOn(DiskReader disk) throws IOException {
        if (disk.find(PATH).filter(entry -> entry.kind() == DiskEntry.Kind.FILE).isEmpty()) {
            return false;
        }
        try (InputStream file = disk.open(PATH)) {
            String begin = new String(file.readNBytes(LONGEST_LINE), StandardCharsets.US_ASCII);
            return begin.lines().findFirst().equals(Optional.of(SANDBOX.line));
        }
    }
}
