package dev.construir.libvirt;

import dev.construir.libvirt.connection.Daemon;
import dev.construir.libvirt.connection.LibvirtCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    /** Notes the identity of the domain that a directory belongs to. */
    static void note(Path directory, UUID id) throws IOException {
        Files.writeString(directory.resolve(NOTE), id.toString());
    }

    /** Ends the domain that a directory belongs to, if there is one. */
    void end(Path directory) {
        Path note = directory.resolve(NOTE);
        if (!Files.isRegularFile(note)) {
            return;
        }
        try {
            UUID id = UUID.fromString(Files.readString(note).strip());
            if (daemon.connection().destroy(id)) {
                LOG.warn("the domain {} was left behind with {}, and was destroyed", id, directory);
            }
        } catch (IOException | IllegalArgumentException | LibvirtCallException e) {
            LOG.warn("could not find out whether a domain is left of {}: {}", directory, e.toString());
        }
    }
}
