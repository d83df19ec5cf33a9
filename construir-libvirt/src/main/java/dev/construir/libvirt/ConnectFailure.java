package dev.construir.libvirt;

import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.text.TerminalSafeExcerpt;
import java.net.URI;
import java.util.List;

/** Describes why libvirt cannot be reached. */
final class ConnectFailure {
    private static final List<String> PLACES = List.of("/session", "/system", "/embed");

    private ConnectFailure() {}

    /** Describes a failure: what was tried, what came back, what to do. */
    static String describe(URI uri, LibvirtCallException failure) {
        return "libvirt at " + uri + " cannot be reached: " + cause(failure) + "; " + remedy(uri, failure);
    }

    /** Returns the cause: libvirt's message, marked as such, or one of this backend. */
    static String cause(LibvirtCallException failure) {
        TerminalSafeExcerpt said = TerminalSafeExcerpt.of(String.valueOf(failure.getMessage()));
        return failure.isLibvirts() ? "it said: " + said : said.toString();
    }

    /** Returns what to do about it. */
    static String remedy(URI uri, LibvirtCallException failure) {
        String said = String.valueOf(failure.getMessage());
        if (failure.kind() == LibvirtCallException.Kind.DENIED || said.contains("Permission denied")) {
            return "join the group libvirt and log in again (usermod -aG libvirt USER), or use qemu:///session";
        }
        if (said.contains("libvirt0")) {
            return "or use the backend qemu";
        }
        if (!PLACES.contains(String.valueOf(uri.getPath()))
                || !String.valueOf(uri.getScheme()).startsWith("qemu")) {
            return "see that the URI is one of a QEMU: qemu:///session, qemu:///system or qemu+ssh://HOST/system";
        }
        if (uri.getHost() != null) {
            return "see that virsh -c '" + uri + "' uri works without asking for anything";
        }
        return "see that its daemon is installed and runs: apt-get install libvirt-daemon-system;"
                + " systemctl start libvirtd";
    }
}
