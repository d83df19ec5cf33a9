package dev.construir.qemu.process;

import dev.construir.ownership.ProcessIdentity;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a QEMU whose parent died without it. That takes a kernel without any protection from orphans to happen, so that
 * great care is taken to end nothing else: number and start time must be those that were noted, and the command line
 * must name the directory.
 */
public final class LeftoverProcesses {
    private static final Logger LOG = LoggerFactory.getLogger(LeftoverProcesses.class);
    private static final String NOTE = "process";

    private LeftoverProcesses() {}

    /**
     * Ends the QEMU that a directory belongs to, if it still runs.
     *
     * @param directory the directory of a machine whose owner is dead
     */
    public static void end(Path directory) {
        Path note = directory.resolve(NOTE);
        if (!Files.isRegularFile(note)) {
            return;
        }
        try {
            Optional<ProcessIdentity> noted = ProcessIdentity.parse(Files.readString(note));
            if (noted.isPresent() && noted.get().isAlive() && names(noted.get().pid(), directory)) {
                LOG.warn(
                        "ending QEMU process {}, left behind with {}",
                        noted.get().pid(),
                        directory);
                ProcessHandle.of(noted.get().pid()).ifPresent(ProcessHandle::destroyForcibly);
            }
        } catch (IOException e) {
            LOG.warn("could not find out whether QEMU still runs for {}: {}", directory, Reason.of(e));
        }
    }

    static void note(Path directory, long pid) throws IOException {
        Optional<ProcessIdentity> identity = ProcessIdentity.of(pid);
        if (identity.isPresent()) {
            Files.writeString(directory.resolve(NOTE), identity.get().toString());
        }
    }

    private static boolean names(long pid, Path directory) throws IOException {
        String name = directory.getFileName().toString();
        Path commandLine = Path.of("/proc/" + pid + "/cmdline");
        if (Files.isReadable(commandLine)) {
            return Files.readString(commandLine, StandardCharsets.ISO_8859_1).contains("\0" + name + "\0");
        }
        return ProcessHandle.of(pid)
                .flatMap(p -> p.info().commandLine())
                .filter(line -> line.contains(" " + name + " "))
                .isPresent();
    }
}
