package dev.construir.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
                .collect(Collectors.toSet());
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
