package dev.construir.disk;

/**
 * An entry of a disk.
 *
 * @param path its path, with a leading {@code /}; bytes that are no UTF-8 appear as U+FFFD
 * @param kind what it is
 * @param attributes its attributes
 * @param size the size of its content in bytes; of a link, the length of its target
 * @param inode its inode's number: entries of the same number are the same file
 * @param links how many names it has
 * @since 0.1
 */
public record DiskEntry(String path, Kind kind, Attributes attributes, long size, long inode, int links) {
    /**
     * What an entry is.
     *
     * @since 0.1
     */
    public enum Kind {
        /** A regular file. */
        FILE,
        /** A directory. */
        DIRECTORY,
        /** A symbolic link. */
        SYMBOLIC_LINK,
        /** A character device. */
        CHARACTER_DEVICE,
        /** A block device. */
        BLOCK_DEVICE,
        /** A named pipe. */
        PIPE,
        /** A socket. */
        SOCKET,
        /** Nothing that ext knows: the disk is damaged. */
        UNKNOWN
    }
}
