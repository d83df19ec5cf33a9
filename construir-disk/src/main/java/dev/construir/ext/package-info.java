/**
 * The on-disk format of ext2, and as much of ext3 and ext4 as reading and changing need: records and codecs over
 * little-endian buffers, and layouts as pure functions. It follows the Linux kernel's
 * {@code Documentation/filesystems/ext2.rst} and {@code Documentation/filesystems/ext4}. Nothing here opens a file.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.ext;
