/**
 * Changes the files of an existing file system in place. A change is complete on the disk, or is not there.
 *
 * <p>Begin with {@link dev.construir.disk.edit.DiskEditor}.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.disk.edit;
