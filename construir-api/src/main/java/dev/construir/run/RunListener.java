package dev.construir.run;

/**
 * Hears what happens to one run, in order, on a thread of that run. However slow it is, the machine does not wait for it: output it
 * cannot take in time is left out and counted. An exception it throws is logged and changes nothing. A run returns after its listener has
 * heard everything, unless the listener returns from no call for ten seconds: it is interrupted then and hears no more.
 */
@FunctionalInterface
public interface RunListener {
    /** Hears nothing. */
    RunListener NONE = event -> {};

    /**
     * Hears of an event.
     *
     * @param event what happened
     */
    void on(RunEvent event);
}
