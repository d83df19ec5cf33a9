package dev.construir.libvirt;

import dev.construir.DataSize;
import dev.construir.backend.PeakMemory;
import dev.construir.libvirt.connection.DomainNumbers;
import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.connection.RunningDomain;
import dev.construir.machine.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The latest numbers of what a machine has used, which only grow. Safe for use by many threads. */
final class DomainMeter {
    private static final Logger LOG = LoggerFactory.getLogger(DomainMeter.class);

    private final List<String> targets;
    private final Supplier<Optional<ProcessHandle>> process;
    private Optional<ProcessHandle> found = Optional.empty(); // used by the one thread that reads
    private volatile Usage latest = Usage.NONE;

    /**
     * Creates a meter.
     *
     * @param targets the names of the domain's disks
     * @param process finds the domain's process, where it is one of this host's: libvirt does not tell how much memory it had at most
     */
    DomainMeter(List<String> targets, Supplier<Optional<ProcessHandle>> process) {
        this.targets = List.copyOf(targets);
        this.process = process;
    }

    /** Reads the numbers. One thread at a time does that. */
    void ask(RunningDomain domain) throws LibvirtCallException {
        latest = larger(latest, domain.numbers(targets), peak());
    }

    private Optional<DataSize> peak() {
        if (found.isEmpty()) {
            found = process.get();
        }
        return found.filter(ProcessHandle::isAlive).flatMap(qemu -> PeakMemory.of(qemu.pid()));
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

    private static Usage larger(Usage before, DomainNumbers now, Optional<DataSize> peak) {
        Duration cpu = before.cpu().compareTo(now.cpu()) > 0 ? before.cpu() : now.cpu();
        return new Usage(
                cpu,
                peak.or(before::peakMemory),
                DataSize.ofBytes(Math.max(before.diskRead().bytes(), now.read())),
                DataSize.ofBytes(Math.max(before.diskWritten().bytes(), now.written())));
    }
}
