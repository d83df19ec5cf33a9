package dev.construir.disk;

/** Bytes that are going to a place of a disk. */
final class Change {
    final long offset;
    final byte[] bytes;

    /** Takes the bytes as they are now. */
    Change(long offset, byte[] bytes) {
        this.offset = offset;
        this.bytes = bytes.clone();
    }
}
