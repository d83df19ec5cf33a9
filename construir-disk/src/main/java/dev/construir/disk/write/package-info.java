/**
 * Makes job disks: ext2 file systems from directories, tar archives or code, written from the first byte to the last.
 *
 * <p>Begin with {@link dev.construir.disk.write.JobDisk}.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.disk.write;
