package dev.construir.channel;

import java.io.IOException;

/** The guest has sent what the specification forbids. */
final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    ProtocolException(String message) {
        super(message);
    }
}
