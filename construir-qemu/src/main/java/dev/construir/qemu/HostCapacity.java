package dev.construir.qemu;

import dev.construir.DataSize;
import dev.construir.machine.MachineSpec;
import dev.construir.procfs.ProcFile;
import dev.construir.qemu.program.Accelerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What this host can give to machines.
 *
 * @param processors how many processors this process may use
 * @param memory the memory and the swap space of the host, as Linux reports them (proc(5), /proc/meminfo); unknown
 *     elsewhere
 */
record HostCapacity(int processors, Optional<DataSize> memory) {
    private static final Path MEMINFO = Path.of("/proc/meminfo");
    // Emulated, a processor takes a Linux kernel about a third of a second to bring up, and each waits for all others.
    private static final int EMULATED_PER_PROCESSOR = 8;

    /** Looks at this host. */
    static HostCapacity current() {
        return new HostCapacity(Runtime.getRuntime().availableProcessors(), memoryOfHost());
    }

    private static Optional<DataSize> memoryOfHost() {
        try {
            return fromMeminfo(Files.readString(MEMINFO, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Adds up memory and swap space. */
    static Optional<DataSize> fromMeminfo(String text) {
        Optional<DataSize> ram = ProcFile.size(text, "MemTotal");
        long swap = ProcFile.size(text, "SwapTotal").map(DataSize::bytes).orElse(0L);
        return ram.map(size -> DataSize.ofBytes(size.bytes() + swap));
    }

    /**
     * Says where a machine is larger than its host can carry. Such a machine may do all the same: a guest need not use
     * all of its memory, and by default Linux refuses by itself what it cannot give (proc(5), overcommit_memory).
     *
     * @param spec the machine
     * @param accelerator what executes the guest
     * @return what may happen and what to do, a clause for each concern
     */
    List<String> concerns(MachineSpec spec, Accelerator accelerator) {
        List<String> concerns = new ArrayList<>();
        memory.filter(size -> size.compareTo(spec.memory()) < 0)
                .ifPresent(size -> concerns.add(
                        "it may have " + spec.memory() + " of memory, and this host has " + size.bytes() / (1 << 20)
                                + "M, swap space included: it is killed if it uses more; ask for less memory"));
        if (accelerator == Accelerator.TCG && spec.cpus() > EMULATED_PER_PROCESSOR * processors) {
            concerns.add("its " + spec.cpus() + " processors are emulated on " + processors
                    + ": each makes it slower, and it may reach the boot limit; ask for fewer processors");
        }
        return concerns;
    }
}
