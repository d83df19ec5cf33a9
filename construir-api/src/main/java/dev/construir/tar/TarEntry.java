package dev.construir.tar;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/**
 * An entry of an archive.
 *
 * @param kind what it is
 * @param path its path, as it stands there
 * @param target what a link of either kind leads to; empty for others
 * @param mode the permission bits
 * @param uid the owner's number
 * @param gid the group's number
 * @param modified the time of the last change
 * @param size how many bytes of content a file has, those of holes among them; 0 for others
 * @param extended the extended attributes, by full name
 * @param offset where in the archive its header stands, in bytes
 */
public record TarEntry(
        Kind kind,
        ByteBuffer path,
        ByteBuffer target,
        int mode,
        long uid,
        long gid,
        Instant modified,
        long size,
        Map<String, byte[]> extended,
        long offset) {

    /** What an entry is. */
    public enum Kind {
        /** A regular file. */
        FILE,
        /** A directory. */
        DIRECTORY,
        /** A symbolic link. */
        SYMBOLIC_LINK,
        /** Another name of an entry that came before. */
        HARD_LINK,
        /** A device or a pipe. */
        SPECIAL
    }

    /**
     * Names the entry, for messages.
     *
     * @return its path and where it stands
     */
    public String describe() {
        return text(path) + " (at byte " + offset + " of the archive)";
    }

    static String text(ByteBuffer bytes) {
        return "\"" + StandardCharsets.UTF_8.decode(bytes.duplicate()) + "\"";
    }
}
