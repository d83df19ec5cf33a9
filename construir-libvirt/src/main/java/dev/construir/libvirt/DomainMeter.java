package dev.construir.libvirt;

import dev.construir.DataSize;
import dev.construir.libvirt.connection.DomainNumbers;
import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.connection.RunningDomain;
import dev.construir.machine.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The latest numbers of what a machine has used, which only grow. Safe for use by many threads. */
final class DomainMeter {
    private static final Logger LOG = LoggerFactory.getLogger(DomainMeter.class);

    private final List<String> targets;
    private volatile Usage latest = Usage.NONE;

    /**
     * Creates a meter.
     *
     * @param targets the names of the domain's disks
     */
    DomainMeter(List<String> targets) {
        this.targets = List.copyOf(targets);
    }

    /** Reads the numbers. One thread at a time does that. */
    void ask(RunningDomain domain) throws LibvirtCallException {
        latest = larger(latest, domain.numbers(targets));
    }

    /** Reads the numbers, if libvirt still has them. */
    void read(RunningDomain domain) {
        try {
            ask(domain);
        } catch (LibvirtCallException e) {
            LOG.trace("no numbers: {}", e.toString());
        }
    }

    Usage latest() {
        return latest;
    }

    // libvirt does not tell how much memory a machine had at most.
    private static Usage larger(Usage before, DomainNumbers now) {
        Duration cpu = before.cpu().compareTo(now.cpu()) > 0 ? before.cpu() : now.cpu();
        return new Usage(
                cpu,
                Optional.empty(),
                DataSize.ofBytes(Math.max(before.diskRead().bytes(), now.read())),
                DataSize.ofBytes(Math.max(before.diskWritten().bytes(), now.written())));
    }
}
