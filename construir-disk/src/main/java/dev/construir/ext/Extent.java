package dev.construir.ext;

/**
 * Blocks of a file that follow each other on the disk.
 *
 * @param logical the first one's place in the file
 * @param physical the first one's place on the disk
 * @param count how many there are, at least 1
 */
public record Extent(long logical, long physical, long count) {
    /**
     * Returns the end in the file.
     *
     * @return the place in the file of the block behind the last one
     */
    public long end() {
        return logical + count;
    }

    /**
     * Returns whether other blocks go on where these end, in the file and on the disk.
     *
     * @param next the others
     * @return whether they do
     */
    public boolean isFollowedBy(Extent next) {
        return end() == next.logical && physical + count == next.physical;
    }
}
