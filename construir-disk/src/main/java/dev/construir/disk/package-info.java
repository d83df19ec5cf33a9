/**
 * What disks, the files on them and their limits are, as values. {@link dev.construir.disk.read} reads and extracts,
 * {@link dev.construir.disk.write} makes disks, {@link dev.construir.disk.edit} changes them in place, and
 * {@link dev.construir.disk.compress} compresses them: all without root, without mounting and without other programs.
 * How a disk is attached to a machine is no concern of this module.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.disk;
