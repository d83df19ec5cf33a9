package dev.construir.partition;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.CRC32;

/** Makes disks with partition tables to test with: those that sfdisk makes are in the integration tests. */
public final class Partitioned {
    private static final int ENTRY = 128;
    private static final int ENTRIES = 128;
    private static final UUID LINUX = UUID.fromString("0fc63daf-8483-4772-8e79-3d69d8477de4");

    private final int sector;
    private final byte[] bytes;
    private final ByteBuffer disk;

    /**
     * Starts with an empty disk.
     *
     * @param sectors its size in sectors of 512 bytes
     */
    public Partitioned(int sectors) {
        this(sectors, 512);
    }

    /**
     * Starts with an empty disk.
     *
     * @param sectors its size in sectors
     * @param sectorSize the size of a sector in bytes
     */
    public Partitioned(int sectors, int sectorSize) {
        sector = sectorSize;
        bytes = new byte[sectors * sectorSize];
        disk = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Writes an entry of a table of a PC.
     *
     * @param record the sector of the table
     * @param slot which entry, from 0 on
     * @param type the type
     * @param first the first sector, as the table has it
     * @param sectors the number of sectors, as the table has it
     * @return this
     */
    public Partitioned mbr(int record, int slot, int type, int first, int sectors) {
        int at = record * sector + 446 + slot * 16;
        disk.put(at + 4, (byte) type).putInt(at + 8, first).putInt(at + 12, sectors);
        disk.putShort(record * sector + 510, (short) 0xaa55);
        return this;
    }

    /**
     * Writes both copies of a GPT of Linux partitions.
     *
     * @param ranges the first and the last sector of each partition
     * @return this
     */
    public Partitioned gpt(int... ranges) {
        mbr(0, 0, 0xee, 1, bytes.length / sector - 1);
        int last = bytes.length / sector - 1;
        int arraySectors = ENTRIES * ENTRY / sector;
        copy(1, last, 2, ranges);
        copy(last, 1, last - arraySectors, ranges);
        return this;
    }

    private void copy(int header, int other, int array, int... ranges) {
        for (int i = 0; i < ranges.length / 2; i++) {
            int at = array * sector + i * ENTRY;
            long high = LINUX.getMostSignificantBits();
            disk.putInt(at, (int) (high >>> 32))
                    .putShort(at + 4, (short) (high >>> 16))
                    .putShort(at + 6, (short) high);
            disk.putLong(at + 8, Long.reverseBytes(LINUX.getLeastSignificantBits()));
            disk.putLong(at + 32, ranges[2 * i]).putLong(at + 40, ranges[2 * i + 1]);
        }
        int at = header * sector;
        disk.putLong(at, 0x5452415020494645L).putInt(at + 8, 0x10000).putInt(at + 12, 92);
        disk.putLong(at + 24, header).putLong(at + 32, other);
        disk.putLong(at + 72, array).putInt(at + 80, ENTRIES).putInt(at + 84, ENTRY);
        sign(header);
    }

    /**
     * Computes the checksums of a copy of a GPT anew.
     *
     * @param header the sector of its header
     * @return this
     */
    public Partitioned sign(int header) {
        int at = header * sector;
        long array = disk.getLong(at + 72) * sector;
        long size = (long) disk.getInt(at + 80) * disk.getInt(at + 84);
        if (array >= 0 && size >= 0 && array <= bytes.length - size) {
            disk.putInt(at + 88, crc((int) array, (int) size));
        }
        disk.putInt(at + 16, 0);
        disk.putInt(at + 16, crc(at, Math.max(0, Math.min(disk.getInt(at + 12), sector))));
        return this;
    }

    private int crc(int at, int size) {
        CRC32 crc = new CRC32();
        crc.update(bytes, at, size);
        return (int) crc.getValue();
    }

    /**
     * Puts bytes on the disk.
     *
     * @param place the sector where they begin
     * @param content the bytes
     * @return this
     */
    public Partitioned put(int place, byte[] content) {
        System.arraycopy(content, 0, bytes, place * sector, content.length);
        return this;
    }

    /** Returns the disk's bytes, to be looked at and changed. */
    ByteBuffer buffer() {
        return disk;
    }

    /**
     * Returns the disk.
     *
     * @return a copy of its bytes
     */
    public byte[] bytes() {
        return Arrays.copyOf(bytes, bytes.length);
    }
}
