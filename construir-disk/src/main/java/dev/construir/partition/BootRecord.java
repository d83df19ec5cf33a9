package dev.construir.partition;

import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A sector with a table of four entries at its end.
 *
 * @param sector where it stands
 * @param slots the entries
 */
record BootRecord(long sector, List<Slot> slots) {
    private static final int SIZE = 512;
    private static final int TABLE = 446;
    private static final int SLOTS = 4;
    private static final int SLOT = 16;
    private static final int SIGNATURE = 510;
    private static final int PROTECTIVE = 0xee;

    /**
     * An entry, used or not.
     *
     * @param type the type, 0 if it is not used
     * @param first the first sector, from where the record says
     * @param sectors the number of sectors
     */
    record Slot(int type, long first, long sectors) {
        boolean isUsed() {
            return type != 0 && sectors != 0;
        }

        boolean isExtended() {
            return type == 0x05 || type == 0x0f || type == 0x85;
        }
    }

    static BootRecord read(BlockSource disk, long sector, int sectorSize) throws IOException {
        String place = "at byte " + sector * sectorSize;
        if (sector > (disk.size() - SIZE) / sectorSize || disk.size() < SIZE) {
            throw new DiskFormatException(
                    "no partition table " + place + ": the disk has only " + disk.size() + " bytes");
        }
        ByteBuffer in = ByteBuffer.wrap(disk.read(sector * sectorSize, SIZE)).order(ByteOrder.LITTLE_ENDIAN);
        int signature = in.getShort(SIGNATURE) & 0xffff;
        if (signature != 0xaa55) {
            throw new DiskFormatException("no partition table " + place + ": its signature is missing");
        }
        List<Slot> slots = new ArrayList<>(SLOTS);
        for (int i = 0; i < SLOTS; i++) {
            int at = TABLE + i * SLOT;
            int status = in.get(at) & 0xff;
            if ((status & 0x7f) != 0) { // it ends with code, as the boot sectors of file systems do
                throw new DiskFormatException("no partition table " + place + ": entry " + (i + 1) + " has status 0x"
                        + Integer.toHexString(status));
            }
            slots.add(new Slot(
                    in.get(at + 4) & 0xff,
                    Integer.toUnsignedLong(in.getInt(at + 8)),
                    Integer.toUnsignedLong(in.getInt(at + 12))));
        }
        return new BootRecord(sector, List.copyOf(slots));
    }

    boolean hasOthersThanGpt() {
        return slots.stream().anyMatch(slot -> slot.isUsed() && slot.type() != PROTECTIVE);
    }

    /** Returns whether the table is only there to keep old programs off a GPT. */
    boolean protectsGpt() {
        return slots.stream().anyMatch(slot -> slot.type() == PROTECTIVE);
    }
}
