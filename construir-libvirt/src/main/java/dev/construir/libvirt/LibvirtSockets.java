package dev.construir.libvirt;

import dev.construir.backend.ListeningSocket;
import dev.construir.libvirt.domain.DomainPlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The sockets QEMU connects to as it starts. */
record LibvirtSockets(ListeningSocket console, ListeningSocket output) {

    static LibvirtSockets bind(DomainPlan plan) throws IOException {
        ListeningSocket console = bind(plan, DomainPlan.CONSOLE);
        try {
            return new LibvirtSockets(console, bind(plan, DomainPlan.OUTPUT));
        } catch (IOException e) {
            console.close();
            throw e;
        }
    }

    // QEMU is started by somebody else, in a directory of theirs: it needs the whole path.
    private static ListeningSocket bind(DomainPlan plan, String name) throws IOException {
        Path socket = plan.directory().resolve(name);
        int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > DomainPlan.LONGEST_SOCKET_PATH) {
            throw new IOException("the path of the socket " + socket + " has " + length
                    + " bytes, and QEMU connects to " + DomainPlan.LONGEST_SOCKET_PATH
                    + " at most; name a scratch directory with a shorter path");
        }
        return ListeningSocket.bind(plan.directory(), name);
    }

    void close() {
        console.close();
        output.close();
    }
}
