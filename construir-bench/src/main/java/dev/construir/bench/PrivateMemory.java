package dev.construir.bench;

import dev.construir.ConstruirException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How much memory the machines of this process have for themselves, as Linux reports it (proc(5), smaps_rollup). Pages
 * of files that they have only read, such as QEMU's and those of the memory snapshot, do not count, even where no other
 * process maps them.
 */
final class PrivateMemory {
    private PrivateMemory() {}

    /** Returns the processes of the machines that run now. */
    static Set<Long> machines() {
        Predicate<ProcessHandle> isMachine =
                process -> process.info().command().orElse("").contains("qemu-system");
        return ProcessHandle.current()
                .descendants()
                .filter(isMachine)
                .map(ProcessHandle::pid)
                .collect(Collectors.toCollection(HashSet::new));
    }

    /**
     * Waits for a machine that is kept ready, and returns its process. It is ready when it is paused; its own word for
     * that is not to be had from here. One that does not run uses no more memory.
     *
     * @param others the processes of other machines
     */
    static long awaitReady(Set<Long> others) throws ConstruirException, IOException, InterruptedException {
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        double before = 0;
        int still = 0;
        while (System.nanoTime() < end) {
            Thread.sleep(200);
            Set<Long> machines = machines();
            machines.removeAll(others);
            if (machines.size() == 1) {
                long machine = machines.iterator().next();
                double now = of(machine);
                still = now == before ? still + 1 : 0;
                if (still == 3) {
                    return machine;
                }
                before = now;
            }
        }
        throw new ConstruirException("no machine was ready within a minute; the log may say why");
    }

    /** Returns the private memory of a process in MiB. */
    static double of(long pid) throws IOException {
        try (Stream<String> lines =
                Files.lines(Path.of("/proc/" + pid + "/smaps_rollup"), StandardCharsets.ISO_8859_1)) {
            long kib = lines.map(line -> line.split("\\s+"))
                    .filter(field -> field[0].startsWith("Private_Dirty"))
                    .mapToLong(field -> Long.parseLong(field[1]))
                    .sum();
            return kib / 1024.0;
        }
    }
}
