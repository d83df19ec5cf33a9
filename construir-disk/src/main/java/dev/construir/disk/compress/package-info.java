/**
 * Compresses disk images with xz, several blocks at once, and takes the blocks that no file uses for zeros.
 *
 * <p>Begin with {@link dev.construir.disk.compress.CompressedImage}.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.disk.compress;
