package dev.construir.partition;

import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * One of the two copies of a GPT: a header, and an array of entries.
 *
 * @param entries the array
 * @param count how many entries it has
 * @param entrySize the size of an entry in bytes
 * @param sectorSize the size of a sector in bytes
 */
record GptTable(ByteBuffer entries, int count, int entrySize, int sectorSize) {
    private static final long SIGNATURE = 0x5452415020494645L; // "EFI PART"
    private static final int REVISION = 0x00010000;
    private static final int HEADER = 92;
    private static final int ENTRY = 128;
    private static final int MAX_ARRAY = 1 << 20; // usual are 16 KiB
    private static final UUID UNUSED = new UUID(0, 0);

    /** The first sector may be as small as this, whatever the others are. */
    private static final int SMALLEST_SECTOR = 512;

    /**
     * Reads the first copy, or if that is damaged the one at the end of the disk. The place of the header, behind the
     * first sector, shows how large sectors are.
     */
    static List<PartitionEntry> read(BlockSource disk, int... sectorSizes) throws IOException {
        DiskFormatException failure = null;
        for (int size : sectorSizes) {
            try {
                return read(disk, size);
            } catch (DiskFormatException e) {
                // What is said is about the header that is there, if one is.
                failure = failure == null || hasHeader(disk, size) ? e : failure;
            }
        }
        throw Objects.requireNonNull(failure);
    }

    private static boolean hasHeader(BlockSource disk, int sectorSize) throws IOException {
        return isHeader(disk, sectorSize) || isHeader(disk, disk.size() / sectorSize * sectorSize - sectorSize);
    }

    private static boolean isHeader(BlockSource disk, long at) throws IOException {
        return at >= 0
                && at <= disk.size() - HEADER
                && ByteBuffer.wrap(disk.read(at, Long.BYTES))
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getLong(0)
                        == SIGNATURE;
    }

    private static List<PartitionEntry> read(BlockSource disk, int sectorSize) throws IOException {
        try {
            return at(disk, 1, sectorSize).partitions(disk.size());
        } catch (DiskFormatException first) {
            try {
                return at(disk, disk.size() / sectorSize - 1, sectorSize).partitions(disk.size());
            } catch (DiskFormatException second) {
                throw new DiskFormatException(
                        "no usable GPT: " + first.getMessage() + "; its second copy: " + second.getMessage(), first);
            }
        }
    }

    private static GptTable at(BlockSource disk, long sector, int sectorSize) throws IOException {
        String place = "the header at byte " + sector * sectorSize;
        byte[] bytes = disk.read(sector * sectorSize, SMALLEST_SECTOR);
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        check(in.getLong(0) == SIGNATURE, place + " has no signature");
        check(in.getInt(8) == REVISION, place + " has revision 0x" + Integer.toHexString(in.getInt(8)));
        int size = in.getInt(12);
        check(size >= HEADER && size <= SMALLEST_SECTOR, place + " has " + Integer.toUnsignedString(size) + " bytes");
        int crc = in.getInt(16);
        in.putInt(16, 0); // where it counts as 0
        check(crc(bytes, size) == crc, place + " has a wrong checksum");
        check(in.getLong(24) == sector, place + " says that it stands at sector " + in.getLong(24));
        int count = in.getInt(80);
        int entrySize = in.getInt(84);
        check(
                entrySize >= ENTRY && entrySize <= MAX_ARRAY && Integer.bitCount(entrySize) == 1,
                place + " has entries of " + Integer.toUnsignedString(entrySize) + " bytes");
        check(
                count >= 1 && (long) count * entrySize <= MAX_ARRAY,
                place + " has " + Integer.toUnsignedString(count) + " entries of " + entrySize + " bytes; the limit is "
                        + MAX_ARRAY + " in all");
        long first = in.getLong(72);
        int arraySize = count * entrySize;
        check(
                first > 1 && first <= (disk.size() - arraySize) / sectorSize,
                place + " says that its entries begin at sector " + first);
        byte[] array = disk.read(first * sectorSize, arraySize);
        check(
                crc(array, arraySize) == in.getInt(88),
                "the entries at byte " + first * sectorSize + " have a wrong checksum");
        return new GptTable(ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN), count, entrySize, sectorSize);
    }

    private List<PartitionEntry> partitions(long diskBytes) throws DiskFormatException {
        List<PartitionEntry> partitions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int at = i * entrySize;
            UUID type = uuid(at);
            long first = entries.getLong(at + 32);
            long last = entries.getLong(at + 40);
            if (!type.equals(UNUSED)) {
                String name = PartitionType.ofGpt(type);
                check(
                        first >= 1 && last >= first,
                        "partition " + (i + 1) + " (" + name + ") goes from sector " + first + " to " + last);
                partitions.add(PartitionEntry.of(i + 1, name, first, last - first + 1, sectorSize, diskBytes));
            }
        }
        return List.copyOf(partitions);
    }

    /** Its first three groups are little-endian, the others are not. */
    private UUID uuid(int at) {
        long high = (long) entries.getInt(at) << 32
                | (entries.getShort(at + 4) & 0xffffL) << 16
                | (entries.getShort(at + 6) & 0xffffL);
        return new UUID(high, Long.reverseBytes(entries.getLong(at + 8)));
    }

    private static int crc(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static void check(boolean good, String found) throws DiskFormatException {
        if (!good) {
            throw new DiskFormatException(found);
        }
    }
}
