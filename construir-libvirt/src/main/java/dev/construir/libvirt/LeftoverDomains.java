package dev.construir.libvirt;

import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.connection.ReconnectingConnection;
import dev.construir.libvirt.domain.DomainPlan;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends domains whose Java process is dead. libvirt does that by itself, unless it was killed as well: a daemon that
 * starts anew keeps the domains of its predecessor, no matter which process started them.
 *
 * @param daemon the libvirt that has them
 */
record LeftoverDomains(ReconnectingConnection daemon) {
    private static final Logger LOG = LoggerFactory.getLogger(LeftoverDomains.class);
    /** The file in a machine's directory that identifies its domain. */
    static final String NOTE = "domain";

    private static final int LINES = 3;

    /** Notes in a machine's directory which domain it belongs to. */
    static void note(DomainPlan plan, URI uri) throws IOException {
        Files.write(plan.directory().resolve(NOTE), List.of(plan.id().toString(), plan.name(), uri.toString()));
    }

    /**
     * Ends the domain that a directory belongs to, if there is one, and removes its log.
     *
     * @throws IOException if it is unknown whether the domain is gone
     */
    void end(Path directory) throws IOException {
        Path note = directory.resolve(NOTE);
        if (!Files.isRegularFile(note)) {
            return;
        }
        List<String> noted = Files.readAllLines(note);
        if (noted.size() < LINES) {
            LOG.debug("no domain was started yet: {}", directory);
            return;
        }
        UUID id = identity(noted.get(0), note);
        if (!noted.get(2).equals(daemon.uri().toString())) {
            throw new IOException("the domain " + id + " is one of libvirt at " + noted.get(2)
                    + ", and is left to the next start of a machine there");
        }
        try {
            boolean destroyed = daemon.connection().destroy(id);
            LocalQemu.Fate fate = destroyed || !daemon.isLocal() ? LocalQemu.Fate.NOT_THERE : LocalQemu.kill(id);
            if (fate == LocalQemu.Fate.ALIVE) {
                throw new IOException("the QEMU of the domain " + id + " does not die");
            }
            if (destroyed || fate == LocalQemu.Fate.KILLED) {
                LOG.warn("the domain {} was left behind with {}, and was destroyed", id, directory);
            }
        } catch (LibvirtCallException e) {
            throw new IOException(
                    "libvirt at " + daemon.uri() + " does not end the domain " + id + ": " + ConnectFailure.cause(e)
                            + "; end it by virsh -c '" + daemon.uri() + "' destroy " + id,
                    e);
        }
        if (daemon.isLocal()) {
            DomainLog.of(daemon.uri(), noted.get(1)).remove();
        }
    }

    private static UUID identity(String noted, Path note) throws IOException {
        try {
            return UUID.fromString(noted);
        } catch (IllegalArgumentException e) {
            throw new IOException(note + " does not begin with a domain's identity; remove it", e);
        }
    }
}
