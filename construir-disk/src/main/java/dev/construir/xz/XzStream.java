package dev.construir.xz;

/**
 * The blocks of a stream; a file is one stream or several, one behind the other.
 *
 * @param check what all of them are checked by
 * @param packedEnds where each block ends without its padding, from the first block's start on
 * @param contentEnds where each block's content ends, from that of the first on
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record XzStream(Check check, long[] packedEnds, long[] contentEnds) {
    /** Returns the size of all blocks in the file, with the padding behind the last one. */
    long packedSize() {
        return packedEnds.length == 0 ? 0 : StreamFrame.aligned(packedEnds[packedEnds.length - 1]);
    }

    long contentSize() {
        return contentEnds.length == 0 ? 0 : contentEnds[contentEnds.length - 1];
    }

    long largest() {
        long largest = 0;
        long before = 0;
        for (long end : contentEnds) {
            largest = Math.max(largest, end - before);
            before = end;
        }
        return largest;
    }

    /**
     * Finds the block that holds a byte of the stream's content.
     *
     * @param offset the byte
     * @param position where the stream's first block stands in the file
     * @param start where the stream's content stands on the disk
     */
    XzBlock at(long offset, long position, long start) {
        int number = firstAbove(contentEnds, offset);
        long packedStart = number == 0 ? 0 : StreamFrame.aligned(packedEnds[number - 1]);
        long contentStart = number == 0 ? 0 : contentEnds[number - 1];
        return new XzBlock(
                position + packedStart,
                packedEnds[number] - packedStart,
                start + contentStart,
                contentEnds[number] - contentStart,
                check);
    }

    /** Returns the index of the first of the ascending numbers that is larger; how many there are if none is. */
    static int firstAbove(long[] ascending, long number) {
        int from = 0;
        int to = ascending.length;
        while (from < to) { // not Arrays.binarySearch: of equal numbers, as of empty blocks, it finds any
            int middle = (from + to) >>> 1;
            if (ascending[middle] > number) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        return from;
    }
}
