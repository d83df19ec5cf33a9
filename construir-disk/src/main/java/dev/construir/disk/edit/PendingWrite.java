package dev.construir.disk.edit;

/** Bytes that are going to a place of a disk. */
final class PendingWrite {
    final long offset;
    final byte[] bytes;

    /** Takes the bytes as they are now. */
    PendingWrite(long offset, byte[] bytes) {
        this.offset = offset;
        this.bytes = bytes.clone();
    }
}
