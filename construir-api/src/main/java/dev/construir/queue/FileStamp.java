package dev.construir.queue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Identifies the content of a file: writing, truncating or replacing it changes the stamp, as no program can set
 * st_ctime (stat(2)) back.
 *
 * @param text size, number, time of the last write and of the last change, as {@code stat -c '%s %i %.9Y %.9Z'} prints
 *     them
 */
record FileStamp(String text) {
    /** Reads the stamp of a file, following links. */
    static FileStamp of(Path file) throws IOException {
        Map<String, Object> found = Files.readAttributes(file, "unix:size,ino,lastModifiedTime,ctime");
        return new FileStamp(found.get("size") + " " + found.get("ino") + " " + time(found.get("lastModifiedTime"))
                + " " + time(found.get("ctime")));
    }

    private static String time(@Nullable Object time) {
        Instant instant = ((FileTime) Objects.requireNonNull(time, "time")).toInstant();
        return String.format(Locale.ROOT, "%d.%09d", instant.getEpochSecond(), instant.getNano());
    }
}
