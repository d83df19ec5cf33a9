package dev.construir.libvirt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kills a QEMU on this host whose libvirt does not answer any more: the last resort. Its command line says which domain it runs, and the
 * identities of domains are random.
 */
final class OrphanedQemu {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanedQemu.class);

    private OrphanedQemu() {}

    /** Returns whether there was one that this user may kill. */
    static boolean kill(UUID domain) {
        return ProcessHandle.allProcesses()
                .filter(process -> runs(process.pid(), domain))
                .anyMatch(process -> {
                    LOG.warn("killing QEMU process {}, whose libvirt is gone", process.pid());
                    return process.destroyForcibly();
                });
    }

    private static boolean runs(long pid, UUID domain) {
        try {
            String words = Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
            return words.contains("\0-uuid\0" + domain + "\0");
        } catch (IOException e) { // it has ended meanwhile, or this is no Linux
            return false;
        }
    }
}
