package dev.construir.qemu;

import dev.construir.machine.MachineListener;
import java.nio.ByteBuffer;

/** The listener of a machine that is kept ready: it passes on to another one, which comes with the job. */
final class DeferredListener implements MachineListener {
    private volatile MachineListener listener;

    /**
     * Creates a listener.
     *
     * @param first receives what is printed until another listener takes its place
     */
    DeferredListener(MachineListener first) {
        listener = first;
    }

    /** Passes on to this listener from now on. */
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
