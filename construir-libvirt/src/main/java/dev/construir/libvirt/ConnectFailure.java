package dev.construir.libvirt;

import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.machine.Quotation;
import java.net.URI;

/** Says why libvirt cannot be reached. */
final class ConnectFailure {
    private ConnectFailure() {}

    /** Describes a failure: what was tried, what came back. */
    static String describe(URI uri, LibvirtCallException failure) {
        return "libvirt at " + uri + " cannot be reached: " + Quotation.of(String.valueOf(failure.getMessage())) + "; "
                + remedy(uri, failure);
    }

    /** Says what to do about it. */
    static String remedy(URI uri, LibvirtCallException failure) {
        String said = String.valueOf(failure.getMessage());
        if (failure.kind() == LibvirtCallException.Kind.DENIED || said.contains("Permission denied")) {
            return "join the group libvirt and log in again (usermod -aG libvirt USER), or use qemu:///session";
        }
        if (said.contains("libvirt0")) {
            return "or use the backend qemu";
        }
        if (uri.getHost() != null) {
            return "see that virsh -c '" + uri + "' uri works without asking for anything";
        }
        return "see that its daemon is installed and runs: apt-get install libvirt-daemon-system; systemctl start libvirtd";
    }
}
