package dev.construir.xz;

/**
 * A block: content that is compressed by itself.
 *
 * @param position where it stands in the file
 * @param packed its size in the file without the padding behind it, with its header and its check
 * @param start where its content stands on the disk
 * @param size the size of its content
 * @param check what its content is checked by
 */
record XzBlock(long position, long packed, long start, long size, Check check) {
    long end() {
        return start + size;
    }

    @Override
    public String toString() {
        return "the block at byte " + position + " of an .xz file";
    }
}
