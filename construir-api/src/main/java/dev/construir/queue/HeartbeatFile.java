package dev.construir.queue;

import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file with a process's {@link Heartbeat}. Not safe for use by many threads. */
final class HeartbeatFile {
    private static final Logger LOG = LoggerFactory.getLogger(HeartbeatFile.class);
    private static final String NAME = "heartbeat";

    /** A state of another process's file. Any difference is a sign of life. */
    record BeatStamp(FileTime written, Optional<Heartbeat> heartbeat, int content) {}

    private final DurableFileOps changes;
    private final Executor log;
    private boolean failed;

    HeartbeatFile(DurableFileOps changes, Executor log) {
        this.changes = changes;
        this.log = log;
    }

    /** Writes a sign of life, or sets the file's time where it cannot write. */
    void write(Path owned, Heartbeat heartbeat) {
        Path file = owned.resolve(NAME);
        try {
            changes.overwrite(file, heartbeat.bytes());
            failed = false;
        } catch (IOException e) {
            boolean touched = touch(file);
            if (!failed && !touched) {
                log.execute(() -> LOG.warn(
                        "cannot write {} ({}): other watchers may believe that this one has stopped; make room there",
                        file,
                        Reason.of(e)));
                failed = true;
            }
        }
    }

    private static boolean touch(Path file) {
        try {
            Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis()));
            return true;
        } catch (
                @SuppressWarnings("unused")
                IOException e) {
            return false;
        }
    }

    /** Reads another process's file; empty if there is none: older versions write none. */
    static Optional<BeatStamp> read(Path owned) throws IOException {
        Path file = owned.resolve(NAME);
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile() || attributes.size() > Heartbeat.SIZE) {
                return Optional.empty();
            }
            byte[] bytes = Files.readAllBytes(file);
            return Optional.of(
                    new BeatStamp(attributes.lastModifiedTime(), Heartbeat.parse(bytes), Arrays.hashCode(bytes)));
        } catch (
                @SuppressWarnings("unused")
                NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
