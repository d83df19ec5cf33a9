package dev.construir.qemu;

import dev.construir.machine.MachineListener;
import java.nio.ByteBuffer;

/** Stands in for the listener of a machine that is kept ready: nobody is there yet to hear what its job says. */
final class DeferredListener implements MachineListener {
    private volatile MachineListener listener;

    /**
     * Creates a listener.
     *
     * @param first hears what is said until another one takes its place
     */
    DeferredListener(MachineListener first) {
        listener = first;
    }

    /** Hands on to this one what is said from now on. */
    void become(MachineListener later) {
        listener = later;
    }

    @Override
    public void console(ByteBuffer bytes) {
        listener.console(bytes);
    }

    @Override
    public void output(ByteBuffer bytes) {
        listener.output(bytes);
    }

    @Override
    public void running() {
        listener.running();
    }
}
