package dev.construir.channel;

import java.io.IOException;

/** The channel to a guest has ended, so that nothing more is known of what it carried. */
public final class ChannelLostException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message why it ended
     */
    public ChannelLostException(String message) {
        super(message);
    }
}
