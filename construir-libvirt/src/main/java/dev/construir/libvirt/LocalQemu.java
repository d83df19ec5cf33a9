package dev.construir.libvirt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The QEMU process behind a domain of this host. Its command line says which one it runs, and the identities of domains are random. */
final class LocalQemu {
    private static final Logger LOG = LoggerFactory.getLogger(LocalQemu.class);

    private LocalQemu() {}

    /** Finds the process, if there is one. */
    static Optional<ProcessHandle> find(UUID domain) {
        return ProcessHandle.allProcesses()
                .filter(process -> runs(process.pid(), domain))
                .findAny();
    }

    /**
     * Kills a process whose libvirt does not answer any more: the last resort.
     *
     * @return whether there was one that this user may kill
     */
    static boolean kill(UUID domain) {
        Optional<ProcessHandle> found = find(domain);
        found.ifPresent(process -> LOG.warn("killing QEMU process {}, whose libvirt is gone", process.pid()));
        return found.isPresent() && found.get().destroyForcibly();
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
