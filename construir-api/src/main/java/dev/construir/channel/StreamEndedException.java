package dev.construir.channel;

import java.io.IOException;
import java.io.Serial;

/** What was to read the bytes has ended. How it did, {@link ChannelStream#ended} says, at once or in a moment. */
public final class StreamEndedException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    StreamEndedException() {
        super("what reads this has ended");
    }
}
