package dev.construir.tree;

/** The numbers of the format. */
final class TreeFormat {
    /** The bit of a piece that is a hole. */
    static final int HOLE = 0x8000_0000;

    /** The most bytes of a piece of data. */
    static final int LARGEST_PIECE = 1 << 20;

    /** The unit of holes, in bytes. */
    static final int HOLE_UNIT = 4096;

    /** The most bytes of a path or a link's target. */
    static final int LONGEST_PATH = 4096;

    /** The most bytes of a name. */
    static final int LONGEST_NAME = 255;

    private TreeFormat() {}
}
