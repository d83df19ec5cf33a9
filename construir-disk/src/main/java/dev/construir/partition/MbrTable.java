package dev.construir.partition;

import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import dev.construir.partition.BootRecord.Slot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The table of a PC's disk: four primary partitions, of which one may hold a chain of logical ones. */
final class MbrTable {
    private static final int FIRST_LOGICAL = 5;
    private static final int MAX_LOGICAL = 128;

    private final BlockSource disk;
    private final int sectorSize;
    private final List<PartitionEntry> entries = new ArrayList<>();
    private final Set<Long> links = new HashSet<>();

    MbrTable(BlockSource disk, int sectorSize) {
        this.disk = disk;
        this.sectorSize = sectorSize;
    }

    List<PartitionEntry> read(BootRecord first) throws IOException {
        for (int i = 0; i < first.slots().size(); i++) {
            Slot slot = first.slots().get(i);
            if (slot.isUsed() && !slot.isExtended()) {
                entries.add(entry(i + 1, slot, 0));
            }
        }
        int logical = FIRST_LOGICAL;
        for (Slot slot : first.slots()) {
            if (slot.isUsed() && slot.isExtended()) {
                logical = addLogical(slot.first(), logical);
            }
        }
        return List.copyOf(entries);
    }

    /** Follows a chain, in which a partition stands from its link on, and the next link from the chain's begin on. */
    private int addLogical(long begin, int firstNumber) throws IOException {
        int number = firstNumber;
        long link = begin;
        while (link != 0) {
            if (!links.add(link)) {
                throw new DiskFormatException("the chain of logical partitions comes back to sector " + link);
            }
            if (links.size() > MAX_LOGICAL) {
                throw new DiskFormatException("there are more than " + MAX_LOGICAL + " logical partitions");
            }
            long next = 0;
            for (Slot slot : BootRecord.read(disk, link, sectorSize).slots()) {
                if (slot.isUsed() && slot.isExtended()) {
                    next = next == 0 ? begin + slot.first() : next;
                } else if (slot.isUsed()) {
                    entries.add(entry(number++, slot, link));
                }
            }
            link = next;
        }
        return number;
    }

    private PartitionEntry entry(int number, Slot slot, long base) throws DiskFormatException {
        return PartitionEntry.of(
                number, PartitionType.ofMbr(slot.type()), base + slot.first(), slot.sectors(), sectorSize, disk.size());
    }
}
