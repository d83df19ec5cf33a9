package dev.construir.libvirt;

import dev.construir.libvirt.connection.Daemon;
import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.domain.DomainPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends domains whose Java process is dead. libvirt does that by itself, unless it was killed as well: a daemon that starts anew keeps the
 * domains of its predecessor, whoever had them started.
 *
 * @param daemon the libvirt that has them
 */
record Leftovers(Daemon daemon) {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);
    /** The file of a machine's directory that tells its domain. */
    static final String NOTE = "domain";

    /** Notes in a machine's directory which domain it belongs to. */
    static void note(DomainPlan plan) throws IOException {
        Files.writeString(plan.directory().resolve(NOTE), plan.id() + "\n" + plan.name() + "\n");
    }

    /** Ends the domain that a directory belongs to, if there is one, and removes its log. */
    void end(Path directory) {
        Path note = directory.resolve(NOTE);
        if (!Files.isRegularFile(note)) {
            return;
        }
        try {
            List<String> noted = Files.readAllLines(note);
            UUID id = UUID.fromString(noted.get(0));
            if (daemon.connection().destroy(id)) {
                LOG.warn("the domain {} was left behind with {}, and was destroyed", id, directory);
            }
            if (daemon.isLocal()) {
                DomainLog.of(daemon.uri(), noted.get(1)).remove();
            }
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException | LibvirtCallException e) {
            LOG.warn("could not find out whether a domain is left of {}: {}", directory, e.toString());
        }
    }
}
