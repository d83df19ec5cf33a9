package dev.construir.channel;

import java.util.Arrays;
import java.util.Optional;

/** The types of frames, with their numbers on the channel. */
enum FrameType {
    HELLO(1, true),
    PING(2, false),
    PONG(3, true),
    END(4, false),
    QUIESCE(5, false),
    QUIET(6, true),
    RESUME(7, false),
    OPEN(16, false),
    STARTED(17, true),
    DATA(18, true),
    EOF(19, true),
    WINDOW(20, true),
    SIGNAL(21, false),
    RESIZE(22, false),
    RESET(23, false),
    INCOMING(24, true),
    ENDED(25, true);

    private final int number;
    private final boolean fromGuest;

    FrameType(int number, boolean fromGuest) {
        this.number = number;
        this.fromGuest = fromGuest;
    }

    byte number() {
        return (byte) number;
    }

    /** Returns the type of a frame that a guest may send. */
    static Optional<FrameType> ofGuest(int number) {
        return Arrays.stream(values())
                .filter(type -> type.number == number && type.fromGuest)
                .findFirst();
    }
}
