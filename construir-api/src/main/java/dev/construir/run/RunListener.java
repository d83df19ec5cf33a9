package dev.construir.run;

/**
 * Hears what happens to one run, in order, on a thread of that run. However slow it is, the machine does not wait for it, unless
 * {@link RunnerBuilder#listenerStall} says so: output that it cannot take in time, beyond {@link RunnerBuilder#listenerBuffer}, is left out
 * and counted. Whatever it throws, errors too, is logged once
 * and changes nothing. A run returns after its listener has heard everything, unless the listener returns from no call for
 * {@link RunnerBuilder#listenerPatience}: it is interrupted then and hears no more.
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
