package dev.construir.xz;

/**
 * A block as it goes into a file, with its header, its padding and its check.
 *
 * @param bytes all of it, not to be changed
 * @param packed its size without the padding
 * @param size the size of its content
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PackedBlock(byte[] bytes, long packed, long size) {}
