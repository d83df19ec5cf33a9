package dev.construir.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;

/** The heap of this process at its fullest, garbage included: the sum of what each of its parts had at most. */
final class HeapPeak {
    private final List<MemoryPoolMXBean> parts = ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(part -> part.getType() == MemoryType.HEAP)
            .toList();

    /** Begins anew, with a heap that holds nothing that is not in use. */
    void reset() {
        System.gc();
        parts.forEach(MemoryPoolMXBean::resetPeakUsage);
    }

    /** Returns the peak since then in bytes. */
    long bytes() {
        return parts.stream().mapToLong(part -> part.getPeakUsage().getUsed()).sum();
    }
}
