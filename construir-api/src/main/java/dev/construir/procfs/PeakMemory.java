package dev.construir.procfs;

import dev.construir.DataSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** The most memory a process has had at once, as Linux reports it (proc(5), VmHWM); unknown elsewhere. */
public final class PeakMemory {
    private PeakMemory() {}

    /**
     * Looks at a process.
     *
     * @param pid the process
     * @return its peak, or empty if it is unknown, or the process is gone
     */
    public static Optional<DataSize> of(long pid) {
        try {
            return fromStatus(Files.readString(Path.of("/proc/" + pid + "/status"), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Joins two readings. The kernel counts each thread's share on its own and adds them up roughly, so that a later
     * peak may be the smaller one.
     *
     * @param one a reading
     * @param other another one of the same process
     * @return the larger of both, or the one there is
     */
    public static Optional<DataSize> larger(Optional<DataSize> one, Optional<DataSize> other) {
        return Stream.of(one, other).flatMap(Optional::stream).max(Comparator.naturalOrder());
    }

    static Optional<DataSize> fromStatus(String status) {
        return ProcFile.size(status, "VmHWM");
    }
}
