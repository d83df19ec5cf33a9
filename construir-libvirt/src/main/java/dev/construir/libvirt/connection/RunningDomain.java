package dev.construir.libvirt.connection;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.libvirt.Domain;
import org.libvirt.DomainBlockStats;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A domain that was started here. Owns what libvirt's client library keeps of it, not the domain. Safe for use by many
 * threads.
 */
public final class RunningDomain implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunningDomain.class);

    private final Connection connection;
    private final UUID id;
    private final Domain domain;

    RunningDomain(Connection connection, UUID id, Domain domain) {
        this.connection = connection;
        this.id = id;
        this.domain = domain;
    }

    /**
     * Returns what it has used.
     *
     * @param targets the names of its disks
     * @return the statistics
     * @throws LibvirtCallException if libvirt does not answer, or the domain is gone
     */
    public DomainStats stats(List<String> targets) throws LibvirtCallException {
        return connection.call(connect -> {
            long cpu = domain.getInfo().cpuTime;
            long read = 0;
            long written = 0;
            for (String target : targets) {
                DomainBlockStats disk = domain.blockStats(target);
                read += Math.max(0, disk.rd_bytes);
                written += Math.max(0, disk.wr_bytes);
            }
            return new DomainStats(Duration.ofNanos(Math.max(0, cpu)), read, written);
        });
    }

    /**
     * Ends it without regard for the guest, and waits for that: libvirt gives QEMU some seconds to end politely. One
     * that is gone already is fine.
     *
     * @throws LibvirtCallException if it could not be ended
     */
    public void destroy() throws LibvirtCallException {
        try {
            connection.run(connect -> domain.destroy());
        } catch (LibvirtCallException e) {
            if (e.kind() != LibvirtCallException.Kind.NO_DOMAIN) {
                throw e;
            }
        }
    }

    /** Frees it, and ends the reports on it. Idempotent. */
    @Override
    public void close() {
        connection.forget(id);
        try {
            // Not guarded by the connection, which libvirt keeps for as long as there is a domain of it.
            synchronized (domain) {
                domain.free();
            }
        } catch (org.libvirt.LibvirtException e) {
            LOG.debug("could not free the domain {}: {}", id, e.toString());
        }
    }
}
