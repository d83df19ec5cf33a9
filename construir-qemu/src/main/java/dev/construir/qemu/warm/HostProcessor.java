package dev.construir.qemu.warm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** The processor of this host: a machine that was saved on one may know instructions that another has not. */
final class HostProcessor {
    private static final Path CPUINFO = Path.of("/proc/cpuinfo");
    // Of x86 and of Arm. Others, such as the clock's rate, change all the time.
    private static final Set<String> LASTING = Set.of(
            "vendor_id",
            "cpu family",
            "model",
            "model name",
            "stepping",
            "microcode",
            "flags",
            "CPU implementer",
            "CPU variant",
            "CPU part",
            "CPU revision",
            "Features");

    private HostProcessor() {}

    /** Describes the first processor, and the kernel that makes it available to guests. */
    static String describe() throws IOException {
        String kernel = System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch");
        return Files.isReadable(CPUINFO)
                ? kernel + "; " + fromCpuinfo(Files.readString(CPUINFO, StandardCharsets.ISO_8859_1))
                : kernel;
    }

    static String fromCpuinfo(String text) {
        return text.lines()
                .takeWhile(line -> !line.isBlank())
                .filter(line -> LASTING.contains(line.split("\\s*:", 2)[0].strip()))
                .map(line -> line.replaceAll("\\s+", " "))
                .collect(Collectors.joining("; "));
    }
}
