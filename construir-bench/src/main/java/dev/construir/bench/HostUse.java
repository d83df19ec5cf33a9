package dev.construir.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What this process has of its host.
 *
 * @param files open file descriptors
 * @param threads threads of Java
 * @param processes processes that descend from it
 */
record HostUse(long files, int threads, long processes) {
    static HostUse now() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return new HostUse(
                    files.count(),
                    ManagementFactory.getThreadMXBean().getThreadCount(),
                    ProcessHandle.current().descendants().count());
        }
    }

    /** Returns it in words. */
    String text() {
        return files + " open files, " + threads + " threads, " + processes + " processes";
    }
}
