package dev.construir.tree;

import java.io.IOException;

/** The numbers of the format, and what it has no place for. */
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

    static IOException foreignName(String path) {
        return new IOException("the name of " + path + " is no UTF-8, which is not copied; rename the file");
    }

    static IOException foreignTarget(String path) {
        return new IOException("the target of the link " + path + " is no UTF-8, which is not copied; remove the link");
    }
}
