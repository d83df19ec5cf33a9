package dev.construir.libvirt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The QEMU process behind a domain of this host. Its command line has the domain's identity, which is random. Every
 * user can see it, and start a process with the same one: that process is killed as well, or keeps a machine from being
 * reported as gone.
 */
final class LocalQemu {
    private static final Logger LOG = LoggerFactory.getLogger(LocalQemu.class);

    private static final int DEATH_LIMIT_SECONDS = 5;

    private LocalQemu() {}

    /** What became of a process. */
    enum Fate {
        /** There is none. */
        NOT_THERE,
        /** It is dead. */
        KILLED,
        /** It did not die, or may not be killed. */
        ALIVE
    }

    /** Finds the process, if there is one. */
    static Optional<ProcessHandle> find(UUID domain) {
        return all(domain).findAny();
    }

    /**
     * Kills a process whose libvirt does not answer any more, and waits for its death: the last resort.
     *
     * @return what became of it
     */
    static Fate kill(UUID domain) {
        List<ProcessHandle> found = all(domain).toList();
        if (found.isEmpty()) {
            return Fate.NOT_THERE;
        }
        boolean dead = true;
        for (ProcessHandle process : found) {
            dead &= kill(process);
        }
        return dead ? Fate.KILLED : Fate.ALIVE;
    }

    // The kernel keeps this user from killing those of others.
    private static boolean kill(ProcessHandle process) {
        LOG.warn("killing QEMU process {}, whose libvirt is gone", process.pid());
        if (!process.destroyForcibly()) {
            return !process.isAlive();
        }
        return process.onExit()
                .thenApply(dead -> true)
                .completeOnTimeout(false, DEATH_LIMIT_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    private static Stream<ProcessHandle> all(UUID domain) {
        return ProcessHandle.allProcesses().filter(process -> runs(process.pid(), domain));
    }

    private static boolean runs(long pid, UUID domain) {
        try {
            String commandLine = Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
            String program = commandLine.substring(0, Math.max(0, commandLine.indexOf('\0')));
            return program.substring(program.lastIndexOf('/') + 1).startsWith("qemu")
                    && commandLine.contains("\0-uuid\0" + domain + "\0");
        } catch (IOException e) { // it has ended meanwhile, or this is no Linux
            return false;
        }
    }
}
