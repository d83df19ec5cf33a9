/**
 * The bytes of disks, wherever they come from: a file, a part of another disk, and, in other packages, images of other
 * formats. What the bytes mean is no concern of this package.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.block;
