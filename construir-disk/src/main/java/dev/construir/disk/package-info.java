/**
 * Disks as files: writing job disks from a directory or from code, reading and extracting what a guest left on them and what other images
 * hold, and changing it in place, all without root, without mounting and without other programs.
 *
 * <p>What a guest wrote is hostile: readers check every field, meet limits and never leave the directory they extract to. How a disk is
 * attached to a machine is no concern of this package.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.disk;
