package dev.construir.disk.read;

import dev.construir.host.OpenDirectory;
import dev.construir.host.Permissions;
import dev.construir.text.Reason;
import dev.construir.volume.VolumeEntry;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/**
 * Gives what was extracted its mode and its time. What the host refuses of them is reported, and costs nothing else.
 */
final class HostMetadata {
    private final Findings findings;

    HostMetadata(Findings findings) {
        this.findings = findings;
    }

    /** Receives what could not be done. */
    interface Findings {
        /** Receives something that an entry does not get. */
        void skip(String path, String reason);

        /** Receives that Java cannot keep a time to the microsecond. */
        void changedTime();
    }

    /** Sets times and, unless it was made with it, the mode of a file that is complete. */
    void finish(OpenDirectory directory, Path name, VolumeEntry entry, int mode, boolean hasMode) throws IOException {
        attempt(
                entry,
                "its time",
                () -> count(directory.setModified(name, entry.inode().modified())));
        if (!hasMode) {
            attempt(entry, "its mode", () -> directory.attributes(name).setPermissions(Permissions.of(mode)));
        }
    }

    /** Sets times and mode of a directory that is complete. */
    void finish(OpenDirectory directory, VolumeEntry entry, int mode) throws IOException {
        // The time first: a directory that may not be read cannot be opened to set it.
        attempt(
                entry,
                "its time",
                () -> count(directory.setModified(entry.inode().modified())));
        attempt(entry, "its mode", () -> directory.attributes().setPermissions(Permissions.of(mode)));
    }

    private void count(boolean exact) {
        if (!exact) {
            findings.changedTime();
        }
    }

    /** Something that a host may refuse. */
    @FunctionalInterface
    private interface Attempt {
        void make() throws IOException;
    }

    private void attempt(VolumeEntry entry, String what, Attempt attempt) throws IOException {
        try {
            attempt.make();
        } catch (FileSystemException e) {
            findings.skip(entry.path(), what + ": this host refuses it: " + Reason.withoutFile(e));
        }
    }
}
