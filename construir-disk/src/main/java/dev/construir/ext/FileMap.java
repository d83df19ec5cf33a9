package dev.construir.ext;

import java.nio.ByteBuffer;
import java.util.SortedMap;

/**
 * The map of a file's content, ready to be written.
 *
 * @param root the part in the inode, {@link Inode#MAP_SIZE} bytes
 * @param blocks the blocks of the map by their numbers, without checksums
 * @param extents whether these are extents, not block numbers
 */
public record FileMap(ByteBuffer root, SortedMap<Long, byte[]> blocks, boolean extents) {}
