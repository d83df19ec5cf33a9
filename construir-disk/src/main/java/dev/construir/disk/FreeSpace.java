package dev.construir.disk;

/**
 * What is free on a disk.
 *
 * @param bytes how many bytes of content fit, the room reserved for root included; what maps the content takes some of
 *     them
 * @param inodes how many more files and directories it can have
 * @since 0.1
 */
public record FreeSpace(long bytes, long inodes) {}
