package dev.construir.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.TreeMap;

/**
 * What changes when a file does: every write, truncation or replacement changes one of these values, and no program can
 * set the time of its last change (stat(2), st_ctime) back.
 *
 * @param size its size in bytes
 * @param identity its number, when its content was changed last, and when anything of it was
 */
public record FileIdentity(long size, String identity) {
    /**
     * Looks at a file.
     *
     * @param file the file, which is no symbolic link
     * @return what it is now
     * @throws IOException if it is not there, or cannot be looked at
     */
    public static FileIdentity of(Path file) throws IOException {
        return new FileIdentity(
                Files.size(file),
                new TreeMap<>(Files.readAttributes(
                                file, "unix:size,ino,lastModifiedTime,ctime", LinkOption.NOFOLLOW_LINKS))
                        .toString());
    }
}
