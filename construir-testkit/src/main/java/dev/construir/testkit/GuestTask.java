package dev.construir.testkit;

import java.io.IOException;

/** What the agent does for one stream. */
interface GuestTask {
    /** Returns the stream. */
    GuestStream stream();

    /** Starts its threads. */
    void begin();

    /** Receives a signal; only programs do something with it. */
    default void signal(int number) throws IOException {}

    /** Lets go of what its threads wait for. */
    void stop();

    /** The host wants no more of it. */
    void reset() throws IOException;

    /** The host has begun anew. */
    default void forget() {
        stream().forget();
        stop();
    }
}
