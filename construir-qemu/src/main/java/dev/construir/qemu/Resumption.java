package dev.construir.qemu;

import dev.construir.qemu.warm.MemoryImages;
import java.util.Map;

/**
 * What a machine is resumed from.
 *
 * @param lease the memory image, given back when the machine is gone
 * @param sizes the sizes in bytes of the disks that took the place of stand-ins, by the names of their nodes
 */
record Resumption(MemoryImages.Lease lease, Map<String, Long> sizes) {
    Resumption {
        sizes = Map.copyOf(sizes);
    }
}
