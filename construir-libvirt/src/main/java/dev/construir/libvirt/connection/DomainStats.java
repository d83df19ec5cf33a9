package dev.construir.libvirt.connection;

import java.time.Duration;

/**
 * What a domain has used.
 *
 * @param cpu processor time
 * @param read bytes read from its disks
 * @param written bytes written to its disks
 */
public record DomainStats(Duration cpu, long read, long written) {}
