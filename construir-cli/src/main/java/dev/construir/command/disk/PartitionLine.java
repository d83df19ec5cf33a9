package dev.construir.command.disk;

import dev.construir.disk.Partition;
import java.util.Locale;

/** Writes a partition as a line of a table. */
final class PartitionLine {
    static final String HEADING = line("#", "START", "SIZE", "HOLDS", "TYPE");

    private PartitionLine() {}

    static String of(Partition partition) {
        return line(
                partition.number(),
                partition.start(),
                partition.size(),
                partition.content().orElse("-"),
                partition.type());
    }

    private static String line(Object number, Object start, Object size, Object holds, Object type) {
        return String.format(Locale.ROOT, "%3s %15s %10s  %-8s  %s", number, start, size, holds, type);
    }
}
