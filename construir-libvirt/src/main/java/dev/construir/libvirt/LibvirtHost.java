package dev.construir.libvirt;

import dev.construir.libvirt.connection.Connection;
import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.domain.HostCapabilities;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * What a libvirt reports of itself and its host.
 *
 * @param version the versions of libvirt and QEMU
 * @param capabilities what it offers
 * @param fingerprint changes when the results of earlier trials may no longer hold
 */
record LibvirtHost(String version, HostCapabilities capabilities, String fingerprint) {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /** Asks a libvirt. */
    static LibvirtHost of(Connection connection) throws LibvirtCallException, IOException {
        String version = connection.version();
        String xml = connection.capabilities();
        return new LibvirtHost(version, HostCapabilities.of(xml), fingerprint(connection.uri(), version, xml));
    }

    private static String fingerprint(URI uri, String version, String xml) {
        String all = uri + " " + version + " " + bootId() + " " + System.getProperty("user.name", "-") + " " + xml;
        return UUID.nameUUIDFromBytes(all.getBytes(StandardCharsets.UTF_8)).toString();
    }

    // Of this host, which libvirt's may not be: then a trial is repeated once more often than it need be.
    private static String bootId() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException e) {
            return "-";
        }
    }
}
