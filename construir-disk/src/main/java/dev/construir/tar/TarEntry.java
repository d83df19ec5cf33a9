package dev.construir.tar;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * An entry of an archive. Header fields without a meaning for its kind are ignored.
 *
 * @param kind what it is
 * @param path its path, as in the archive
 * @param target what a link of either kind leads to; empty for others
 * @param mode the permission bits; 0 for links
 * @param uid the owner's number; 0 for hard links
 * @param gid the group's number; 0 for hard links
 * @param modified the time of the last change; 1970 for hard links
 * @param size how many bytes of content a file has, those of holes among them; 0 for others
 * @param major the major number of a device; 0 for others
 * @param minor the minor number of a device; 0 for others
 * @param extras what else is known of it; nothing for hard links
 * @param offset where in the archive its header is, in bytes
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
        long major,
        long minor,
        TarExtras extras,
        long offset) {

    private static final int SHOWN = 1000;

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
        /** A character device. */
        CHARACTER_DEVICE,
        /** A block device. */
        BLOCK_DEVICE,
        /** A named pipe. */
        PIPE;

        /**
         * Returns whether this is a device.
         *
         * @return whether it has a major and a minor number
         */
        public boolean isDevice() {
            return this == CHARACTER_DEVICE || this == BLOCK_DEVICE;
        }
    }

    /**
     * Names the entry, for messages.
     *
     * @return its path and where it is
     */
    public String describe() {
        return text(path) + " (at byte " + offset + " of the archive)";
    }

    static String text(ByteBuffer bytes) {
        return "\""
                + ShortText.of(StandardCharsets.UTF_8.decode(bytes.duplicate()).toString(), SHOWN) + "\"";
    }
}
