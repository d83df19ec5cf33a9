package dev.construir.qemu.process;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** What of this process's environment the processes it starts get to see. */
final class ProcessEnvironment {
    private static final Set<String> KEPT = Set.of("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH");

    private ProcessEnvironment() {}

    static void reduce(ProcessBuilder builder, Path temporary) {
        Map<String, String> environment = builder.environment();
        environment.keySet().retainAll(KEPT);
        environment.put("LC_ALL", "C"); // messages are read by programs
        environment.put("TMPDIR", temporary.toString());
    }
}
