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
 * What changes when a file does: to write to it, cut it off or replace it changes one of these, and no program can set
 * the time of its last change (stat(2), st_ctime) back.
 *
 * @param text size, number, time of the last write and of the last change, as {@code stat -c '%s %i %.9Y %.9Z'} prints
 *     them
 */
record FileStamp(String text) {
    /** Looks at a file, following links. */
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
