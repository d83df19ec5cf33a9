package dev.construir.ext;

import dev.construir.DiskFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Checks whether a superblock reports errors or unfinished work. */
final class SuperblockCheck {
    private static final int VALID = 0x1;
    private static final int ERRORS = 0x2;
    private static final int ORPHANS = 0x4;
    private static final int CRC32C = 1;

    private SuperblockCheck() {}

    static void check(byte[] superblock, Checksums checksums) throws DiskFormatException {
        ByteBuffer fields = ByteBuffer.wrap(superblock).order(ByteOrder.LITTLE_ENDIAN);
        int state = fields.getShort(0x3a);
        Superblock.check(
                (state & VALID) != 0 && (state & (ERRORS | ORPHANS)) == 0 && fields.getInt(0xe8) == 0,
                "it was not unmounted cleanly, or has errors; repair it before it is changed: e2fsck -f");
        Superblock.check(
                !checksums.coverAll() || fields.get(0x175) == CRC32C,
                "checksums of an unknown kind, " + fields.get(0x175));
        Superblock.check(Checksums.isSealed(superblock, checksums::sealSuperblock), "its checksum is wrong");
    }
}
