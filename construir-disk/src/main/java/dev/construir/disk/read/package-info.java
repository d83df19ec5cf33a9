/**
 * Reads file systems of the ext family in disk images, and extracts their files to directories of the host. A guest
 * wrote them and may be hostile: readers check every field, meet {@linkplain dev.construir.disk.ReadLimits limits} and
 * never leave the directory they extract to.
 *
 * <p>Begin with {@link dev.construir.disk.read.DiskImage}.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.disk.read;
