package dev.construir.machine;

import dev.construir.DataSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much of this host's memory machines may have: Linux says it in /proc/meminfo (proc(5)) and in control groups
 * (cgroups(7)).
 */
final class HostMemory {
    private static final Pattern NUMBER = Pattern.compile("(\\d{1,18})\\s*");

    private static final int PARTS = 4;
    private static final int MACHINES_PARTS = 3; // the rest is the host's, and what QEMU needs itself

    private HostMemory() {}

    static DataSize forMachines() {
        return forMachines(Path.of("/"));
    }

    /** Looks below another root than the host's. */
    static DataSize forMachines(Path root) {
        long total = Math.min(
                kibibytes(read(root.resolve("proc/meminfo")), "MemTotal").orElse(Long.MAX_VALUE),
                limit(root).orElse(Long.MAX_VALUE));
        // Not what is available now: other processes' machines are taken from the same budget, and would count twice.
        return DataSize.ofBytes(total / PARTS * MACHINES_PARTS);
    }

    private static OptionalLong kibibytes(String text, String name) {
        Matcher line = Pattern.compile("(?m)^" + name + ":\\s+(\\d{1,15}) kB$").matcher(text);
        return line.find() ? OptionalLong.of(Long.parseLong(line.group(1)) << 10) : OptionalLong.empty();
    }

    // The smallest limit of the groups from this process's own to the top; "max" is none.
    private static OptionalLong limit(Path root) {
        Path top = root.resolve("sys/fs/cgroup");
        Matcher unified = Pattern.compile("(?m)^0::/(.*)$").matcher(read(root.resolve("proc/self/cgroup")));
        long limit = number(read(top.resolve("memory/memory.limit_in_bytes"))).orElse(Long.MAX_VALUE);
        Path group = unified.find() ? top.resolve(unified.group(1)).normalize() : top;
        for (; group != null && group.startsWith(top); group = group.getParent()) {
            limit = Math.min(limit, number(read(group.resolve("memory.max"))).orElse(Long.MAX_VALUE));
        }
        return limit == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(limit);
    }

    private static OptionalLong number(String text) {
        Matcher number = NUMBER.matcher(text);
        return number.matches() ? OptionalLong.of(Long.parseLong(number.group(1))) : OptionalLong.empty();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (
                @SuppressWarnings("unused")
                IOException e) {
            return ""; // no Linux, or no such group
        }
    }
}
