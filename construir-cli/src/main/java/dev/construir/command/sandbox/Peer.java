package dev.construir.command.sandbox;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;

/** Who is at the other end of a socket, by the kernel's word. */
final class Peer {
    private Peer() {}

    /** Another user is. */
    static final class ForeignException extends IOException {
        private static final long serialVersionUID = 1;

        ForeignException(String message) {
            super(message);
        }
    }

    /**
     * Refuses other users.
     *
     * @param channel a connection over a socket in the file system
     * @param self the user that must be at its other end
     * @throws ForeignException if it is another one; the message names that
     */
    static void check(SocketChannel channel, UserPrincipal self) throws IOException {
        UserPrincipal peer =
                channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        if (!peer.equals(self)) {
            throw new ForeignException("the user " + peer.getName());
        }
    }
}
