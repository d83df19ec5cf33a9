package dev.construir.qemu.jobs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What this process holds on its host.
 *
 * @param files open file descriptors
 * @param threads threads of the library
 * @param processes children and their children
 * @param scratch files left of runs and machines
 */
record Held(long files, long threads, long processes, long scratch) {
    static Held now(Path scratch) throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return new Held(
                    descriptors.count(),
                    Thread.getAllStackTraces().keySet().stream()
                            .filter(t -> t.getName().startsWith("construir"))
                            .count(),
                    ProcessHandle.current()
                            .descendants()
                            .filter(ProcessHandle::isAlive)
                            .count(),
                    RealMachines.leftovers(scratch).size());
        }
    }

    boolean within(Held other) {
        return files <= other.files
                && threads <= other.threads
                && processes <= other.processes
                && scratch <= other.scratch;
    }
}
