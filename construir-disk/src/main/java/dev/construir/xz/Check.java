package dev.construir.xz;

import dev.construir.DiskFormatException;

/** The check by which an unpacked block is compared with what was packed. */
enum Check {
    NONE(0),
    CRC32(1),
    CRC64(4),
    SHA256(10);

    private final int id;

    Check(int id) {
        this.id = id;
    }

    int id() {
        return id;
    }

    static Check of(int id) throws DiskFormatException {
        for (Check check : values()) {
            if (check.id == id) {
                return check;
            }
        }
        throw new DiskFormatException("an .xz file with checks of type " + id
                + ", which are not known here; compress it again with a newer or an older xz");
    }
}
