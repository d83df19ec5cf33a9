package dev.construir.libvirt;

import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.connection.ReconnectingConnection;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A domain of this process that its libvirt no longer reports on: the connection broke, or libvirt could not destroy
 * the domain. Finds out whether it still runs, and ends it.
 *
 * @param daemon the libvirt that started it
 * @param id its identity
 * @param searchLimit how long libvirt is tried to be reached again
 */
record LostDomain(ReconnectingConnection daemon, UUID id, Duration searchLimit) {
    private static final Logger LOG = LoggerFactory.getLogger(LostDomain.class);
    static final Duration SEARCH_LIMIT = Duration.ofSeconds(10);
    private static final long SEARCH_PAUSE_MILLIS = 200;

    /**
     * What became of the domain.
     *
     * @param mayRun whether it may still run, and write to its disks
     * @param why what happened to it
     */
    record Fate(boolean mayRun, String why) {}

    /**
     * Connects to libvirt again and destroys the domain, if it is still there. Tries again until
     * the limit, as a daemon may be starting.
     *
     * @param why what happened so far
     * @return what became of the domain
     * @throws InterruptedException if the thread was interrupted
     */
    Fate search(String why) throws InterruptedException {
        String lastFailure = "";
        for (long end = System.nanoTime() + searchLimit.toNanos(); System.nanoTime() < end; ) {
            try {
                return daemon.connection().destroy(id)
                        ? new Fate(false, why + "; the machine was still there and was destroyed")
                        : killLocal(why);
            } catch (LibvirtCallException e) {
                lastFailure = String.valueOf(e.getMessage());
                LOG.debug("{}: not found yet: {}", id, lastFailure);
                Thread.sleep(SEARCH_PAUSE_MILLIS); // a daemon does not announce that it has started
            }
        }
        return killWithoutLibvirt(why + ", and it cannot be reached again: " + lastFailure);
    }

    /**
     * Kills the domain's process where libvirt is of no help. On another host nothing can be done.
     *
     * @param why what happened so far
     * @return what became of the domain
     */
    Fate killWithoutLibvirt(String why) {
        return daemon.isLocal() ? killLocal(why) : mayRun(why);
    }

    // libvirt does not know the domain. On this host its process shows whether it runs.
    private Fate killLocal(String why) {
        return switch (daemon.isLocal() ? LocalQemu.kill(id) : LocalQemu.Fate.NOT_THERE) {
            case KILLED -> new Fate(false, why + "; its QEMU process was killed");
            case ALIVE -> mayRun(why);
            case NOT_THERE -> new Fate(false, why + "; the machine is gone");
        };
    }

    private Fate mayRun(String why) {
        return new Fate(true, why + "; the machine may still run: virsh -c '" + daemon.uri() + "' destroy " + id);
    }
}
