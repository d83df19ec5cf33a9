/**
 * A file system of the ext family on a disk, as one reads it: blocks, inodes, extents, directories and attributes by
 * number, with every number checked. Package {@code ext} knows what the bytes mean; this one fetches them.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.volume;
