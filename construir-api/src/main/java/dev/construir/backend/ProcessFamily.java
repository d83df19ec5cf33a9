package dev.construir.backend;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A process and all that it has started: what they use, and their end. On Linux processes that their parents have left
 * are found by a variable in their environment, unless they changed that. Safe for use by many threads.
 */
final class ProcessFamily {
    private static final int MOST_ROUNDS = 20; // each finds what the last one's victims had started meanwhile

    private final ProcessHandle first;
    private final String mark;
    private final Map<Long, Long> nanos = new HashMap<>(); // guarded by this; the dead keep what they had used

    /**
     * Creates it.
     *
     * @param first the process
     * @param mark a variable that only these processes have, such as {@code CONSTRUIR_RUN=job-0123456789ab}
     */
    ProcessFamily(ProcessHandle first, String mark) {
        this.first = first;
        this.mark = mark;
    }

    /** Returns the processor time of all of them, as far as they were seen. */
    synchronized Duration cpu() {
        Stream.concat(Stream.of(first), first.descendants())
                .forEach(process -> nanos.merge(process.pid(), cpuNanos(process), Math::max));
        return Duration.ofNanos(
                nanos.values().stream().mapToLong(Long::longValue).sum());
    }

    // Java's own number has steps of 10 ms; the first one of Linux' file is in nanoseconds (proc(5), schedstat).
    private static long cpuNanos(ProcessHandle process) {
        try {
            Path file = Path.of("/proc/" + process.pid() + "/schedstat");
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            return Long.parseLong(text.substring(0, text.indexOf(' ')));
        } catch (IOException | RuntimeException e) {
            return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
        }
    }

    /** Kills all of them. */
    void kill() {
        List<ProcessHandle> children = first.descendants().toList();
        first.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        killLeftovers();
    }

    /** Kills those that the first one has left behind. */
    void killLeftovers() {
        for (int round = 0; round < MOST_ROUNDS; round++) {
            List<ProcessHandle> marked = ProcessHandle.allProcesses()
                    .filter(process -> process.pid() != first.pid() && isMarked(process))
                    .toList();
            marked.forEach(ProcessHandle::destroyForcibly);
            if (marked.isEmpty()) {
                return;
            }
        }
    }

    private boolean isMarked(ProcessHandle process) {
        try {
            byte[] environment = Files.readAllBytes(Path.of("/proc/" + process.pid() + "/environ"));
            return ("\0" + new String(environment, StandardCharsets.ISO_8859_1)).contains("\0" + mark + "\0");
        } catch (IOException e) {
            return false; // it has ended, or is another user's
        }
    }
}
